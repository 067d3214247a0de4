/* fd_util: descriptors that block nothing and that children do not inherit. Internal to net.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_NET_FD_UTIL_H
#define INITWATCH_NET_FD_UTIL_H

/* Both 0, or -1 with errno. */
int fd_set_nonblock(int fd);
/* A pipe, both ends close-on-exec; pipe2 would be atomic but macOS has none. */
int fd_pipe(int fds[2]);

#endif
