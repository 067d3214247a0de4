/* main: parse the command line, pick the command, run it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/app.h"

int
main(int argc, char **argv)
{
    return app_main(argc, argv);
}
