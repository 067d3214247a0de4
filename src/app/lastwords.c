/* lastwords: gives the terminal back when the program dies by a signal.
 *
 * Only async-signal-safe calls: tcsetattr and write. The sequences are xterm's; every terminal that
 * knows the alternate screen knows them, the others ignore them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "initwatch/app/platform.h"

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static struct {
    struct termios settings;
    int fd;
    volatile sig_atomic_t armed;
} tty;

static void
on_fatal_signal(int signo)
{
    if (tty.armed) {
        /* Mouse and colours off, cursor keys back to normal, main screen, and only then the cursor shown:
         * some terminals bring back the visibility that they saved with the switch. */
        static const char restore[] =
            "\033[?1006l\033[?1000l\033[0m\033[?1l\033>\033[?1049l\033[?25h\r\n"
            "initwatch: died by a signal; the terminal was restored\r\n";
        tty.armed = 0;
        tcsetattr(tty.fd, TCSANOW, &tty.settings);
        ssize_t ignored = write(tty.fd, restore, sizeof(restore) - 1);
        (void)ignored;
    }
    signal(signo, SIG_DFL);
    raise(signo);
}

void
lastwords_arm(int tty_fd)
{
    if (tcgetattr(tty_fd, &tty.settings) != 0)
        return;
    tty.fd = tty_fd;
    tty.armed = 1;
    for (size_t i = 0; i < IW_COUNTOF(fatal_signals); i++) {
        struct sigaction action = {.sa_handler = on_fatal_signal};
        sigaction(fatal_signals[i], &action, NULL);
    }
}

void
lastwords_disarm(void)
{
    if (!tty.armed)
        return;
    tty.armed = 0;
    for (size_t i = 0; i < IW_COUNTOF(fatal_signals); i++)
        signal(fatal_signals[i], SIG_DFL);
}
