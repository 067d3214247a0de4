/* fd_util: descriptors that block nothing and that children do not inherit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fd_util.h"

#include <fcntl.h>
#include <unistd.h>

int
fd_set_nonblock(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int
fd_pipe(int fds[2])
{
    if (pipe(fds) != 0)
        return -1;
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    return 0;
}
