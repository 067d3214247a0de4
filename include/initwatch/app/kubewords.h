/* kubewords: what somebody types who has kubectl in the fingers: "get pods", "logs pod/NAME", "why
 * deploy/NAME", "describe".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_KUBEWORDS_H
#define INITWATCH_APP_KUBEWORDS_H

#include "initwatch/app/options.h"

/* The command that kubectl's word for it means here ("describe": CMD_WHY), CMD_COUNT when the word
 * means none. */
enum app_command kubewords_command(const char *word);
/* Bring the arguments into the form the commands read: "pods" and "po" before names go, "pod/NAME"
 * is NAME, "deploy/NAME" and "deploy NAME" are NAME with o->owner_kind "Deployment". `literal`:
 * "--" was given, the words of kubectl's commands are names then. IW_ERR_USAGE, with what to type
 * instead, for kinds and commands that only kubectl has. */
IW_NODISCARD enum iw_err kubewords_take(struct options *o, bool literal, struct iw_error *err);
/* "deploy/web" and the like: a kind that kubectl knows before the first slash, no folder. */
bool kubewords_is_object(const char *word);

#endif
