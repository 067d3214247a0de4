/* ui_words: what fingers trained on k9s, kubectl and vim type, and what that is called here.
 *
 * Only words that are no commands of ours stand in the tables. A word that means a screen becomes its command; one that
 * means nothing here is told where to look instead.
 * Ref: k9s internal/dao/registry.go and internal/config/alias.go (commands), internal/view/pod.go (keys).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "ui_internal.h"

static const struct {
    const char *words; /* between blanks */
    const char *command;
} SYNONYMS[] = {
    {" po pod ", "pods"},
    {" deploy deployment deployments dp sts statefulset statefulsets ds daemonset daemonsets rs "
     "replicaset replicasets job jobs cj cronjob cronjobs xray ",
     "owners"},
    {" no node ", "nodes"},
    {" ev event ", "all-events"},
    {" namespace namespaces ", "ns"},
    {" context contexts ", "ctx"},
    {" popeye pulse pulses ", "findings"},
    {" log ", "logs"},
    {" desc ", "describe"},
    {" skin ", "theme"},
    {" ? h man alias aliases ", "help"},
    {" q! Q qa qa! quit! wq exit ", "quit"},
};

static const struct {
    const char *words;
    const char *say;
} NOT_HERE[] = {
    {" svc service services ep endpoints ing ingress ingresses netpol networkpolicies ",
     TR_MARK(":describe svc/NAME shows one; x on a pod names those it waits for")},
    {" cm configmap configmaps sec secret secrets ",
     TR_MARK("no list here: d on a pod, then Enter, opens those it uses")},
    {" pvc persistentvolumeclaims pv persistentvolumes sc storageclasses quota resourcequotas ",
     TR_MARK(":describe pvc/NAME shows one; tab 5 has those that pods wait for")},
    {" sa serviceaccounts hpa crd crds helm dir users groups clusterroles roles rb limits all ",
     TR_MARK("no list here: initwatch shows pods and what holds them up")},
    {" rollout ", TR_MARK("r on a pod restarts its owner: with --write, asks first")},
    {" pf portforward exec shell sh attach debug ",
     TR_MARK("on a pod s, a, D and F copy the kubectl command that does it")},
    {" scale cordon uncordon drain ", TR_MARK("not here: kubectl does it")},
    {" sd screendump screendumps ", TR_MARK("^S saves a view and says where")},
};

/* Keys of k9s that are free here. */
static const struct {
    uint32_t key;
    const char *say;
} KEYS[] = {
    {KEY_CTRL('a'), TR_MARK("^A: a colon lists every command")},
    {KEY_CTRL('w'), TR_MARK("^W: w shows the wide columns")},
    {KEY_CTRL('x'), TR_MARK("^X: ^K deletes, with --write")},
    {KEY_CTRL('g'), TR_MARK("^G: ^E hides and shows the header cards")},
    {KEY_CTRL('n'), TR_MARK("^N: j and k move, J and K go to another pod")},
    {KEY_CTRL('p'), TR_MARK("^P: j and k move, J and K go to another pod")},
    {KEY_CTRL('q'), TR_MARK("^Q: q goes back, ^C quits")},
    {KEY_DELETE_CODE, TR_MARK("Del: ^K deletes, with --write")},
    {'i', TR_MARK("i: e edits the pod or, on its owner, the template")},
    {'h', TR_MARK("h: Left and Right scroll, ? is the help")},
    {'Q', TR_MARK("Q: q goes back, ^C quits")},
};

/* Shift and a letter sorts in k9s; these columns have no key here. */
static const char SORT_KEYS[] = "C";

static bool
has_word(const char *words, const char *word)
{
    char between[40];
    int len = snprintf(between, sizeof(between), " %s ", word);
    return word[0] && !strchr(word, ' ') && len < (int)sizeof(between) && strstr(words, between);
}

const char *
words_command(const char *word)
{
    for (size_t i = 0; i < IW_COUNTOF(SYNONYMS); i++)
        if (has_word(SYNONYMS[i].words, word))
            return SYNONYMS[i].command;
    return NULL;
}

bool
words_say(struct ui *ui, const char *word)
{
    for (size_t i = 0; i < IW_COUNTOF(NOT_HERE); i++)
        if (has_word(NOT_HERE[i].words, word)) {
            ui_flash(ui, true, "%s: %s", word, tr(NOT_HERE[i].say));
            return true;
        }
    return false;
}

/* The words of one row of a table that begin with the stem. */
static void
each_word(const char *words, const char *stem, const char *command, const char *say,
          void (*each)(void *ctx, const char *word, const char *command, const char *say),
          void *ctx)
{
    for (const char *at = words + 1; *at;) {
        size_t len = strcspn(at, " ");
        char word[40];
        (void)snprintf(word, sizeof(word), "%.*s", (int)IW_MIN(len, sizeof(word) - 1), at);
        if (strncmp(word, stem, strlen(stem)) == 0)
            each(ctx, word, command, say);
        at += len + (at[len] == ' ');
    }
}

void
words_each(const char *stem,
           void (*each)(void *ctx, const char *word, const char *command, const char *say),
           void *ctx)
{
    for (size_t i = 0; i < IW_COUNTOF(SYNONYMS); i++)
        each_word(SYNONYMS[i].words, stem, SYNONYMS[i].command, NULL, each, ctx);
    for (size_t i = 0; i < IW_COUNTOF(NOT_HERE); i++)
        each_word(NOT_HERE[i].words, stem, NULL, tr(NOT_HERE[i].say), each, ctx);
}

bool
words_are_known(const char *word)
{
    for (size_t i = 0; i < IW_COUNTOF(NOT_HERE); i++)
        if (has_word(NOT_HERE[i].words, word))
            return true;
    return words_command(word) != NULL;
}

/* "kubectl get pods": the command is what is left. */
const char *
words_strip(const char *line)
{
    static const char *const before[] = {"kubectl ", "k ", "get "};
    for (size_t i = 0; i < IW_COUNTOF(before); i++) {
        size_t len = strlen(before[i]);
        if (strncmp(line, before[i], len) == 0 && line[len + strspn(line + len, " ")])
            line += len + strspn(line + len, " ");
    }
    return line;
}

bool
words_say_key(struct ui *ui, enum key_context context, uint32_t key)
{
    for (size_t i = 0; i < IW_COUNTOF(KEYS); i++)
        if (KEYS[i].key == key) {
            ui_flash(ui, false, "%s", tr(KEYS[i].say));
            return true;
        }
    if (context != CTX_PODS || key >= 0x80 || key == 0 || !strchr(SORT_KEYS, (int)key))
        return false;
    ui_flash(ui, false, tr("%c: o chooses the column to sort by, I turns the order"), (int)key);
    return true;
}
