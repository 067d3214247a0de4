/* keymap_words: keys, contexts and actions by their names, for the configuration file and :bind.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "initwatch/base/nearest.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/keymap.h"

/* One word each; a context that is not here is called what the help calls it. */
static const char *const CONTEXT_WORDS[CTX_COUNT] = {
    [CTX_ALL] = "everywhere",      [CTX_PODISH] = "pod", [CTX_PODS] = "pods",
    [CTX_DETAIL] = "detail",       [CTX_LOGS] = "logs",  [CTX_EVENTS] = "events",
    [CTX_RESOURCES] = "resources", [CTX_WHY] = "why",    [CTX_MESSAGES] = "messages",
    [CTX_HELP] = "help",           [CTX_DEMO] = "demo",  [CTX_CARD] = "card",
};

static const struct {
    const char *name;
    uint32_t key;
} KEY_WORDS[] = {
    {"Esc", KEY_ESC_CODE},
    {"Escape", KEY_ESC_CODE},
    {"Enter", KEY_ENTER_CODE},
    {"Return", KEY_ENTER_CODE},
    {"Tab", KEY_TAB_CODE},
    {"Space", ' '},
    {"Up", KEY_UP_CODE},
    {"Down", KEY_DOWN_CODE},
    {"Left", KEY_LEFT_CODE},
    {"Right", KEY_RIGHT_CODE},
    {"PgUp", KEY_PGUP_CODE},
    {"PageUp", KEY_PGUP_CODE},
    {"PgDn", KEY_PGDN_CODE},
    {"PageDown", KEY_PGDN_CODE},
    {"Home", KEY_HOME_CODE},
    {"End", KEY_END_CODE},
    {"S-Tab", KEY_BTAB_CODE},
    {"Backspace", KEY_BACKSPACE_CODE},
    {"Del", KEY_DELETE_CODE},
    {"Delete", KEY_DELETE_CODE},
    {"Ins", KEY_INSERT_CODE},
    {"Insert", KEY_INSERT_CODE},
    {"^Space", KEY_CTRL_SPACE_CODE},
    {"C-Space", KEY_CTRL_SPACE_CODE},
    {"Ctrl-Space", KEY_CTRL_SPACE_CODE},
};

const char *
key_context_config_name(enum key_context c)
{
    if ((unsigned)c >= CTX_COUNT)
        return "";
    return CONTEXT_WORDS[c] ? CONTEXT_WORDS[c] : key_context_name(c);
}

enum key_context
key_context_parse(const char *name)
{
    for (int c = 0; c < CTX_COUNT; c++)
        if (strcmp(name, key_context_config_name((enum key_context)c)) == 0)
            return (enum key_context)c;
    return CTX_COUNT;
}

/* "^K", "C-k", "Ctrl-K": 0 when it is none of these. */
static uint32_t
control_key(const char *text)
{
    static const char *const starts[] = {"^", "C-", "Ctrl-", "Ctrl+"};
    for (size_t i = 0; i < IW_COUNTOF(starts); i++) {
        size_t len = strlen(starts[i]);
        if (strncasecmp(text, starts[i], len) == 0 && text[len] && !text[len + 1])
            return isalpha((unsigned char)text[len]) || text[len] == '\\' ? KEY_CTRL(text[len])
                                                                          : KEY_NONE;
    }
    return KEY_NONE;
}

uint32_t
key_parse(const char *text)
{
    size_t len = strlen(text), taken = 0;
    if (len == 0)
        return KEY_NONE;
    uint32_t cp = utf8_next(text, len, &taken);
    if (taken == len)
        return cp > 0x20 && cp != UTF8_REPLACEMENT && utf8_cp_width(cp) > 0 ? cp
               : cp == ' '                                                  ? ' '
                                                                            : KEY_NONE;
    for (size_t i = 0; i < IW_COUNTOF(KEY_WORDS); i++)
        if (strcasecmp(text, KEY_WORDS[i].name) == 0)
            return KEY_WORDS[i].key;
    if (text[0] == 'F' || text[0] == 'f') {
        char *end;
        unsigned long number = strtoul(text + 1, &end, 10);
        if (!*end && number >= 1 && number <= 12)
            return KEY_F1_CODE + (uint32_t)number - 1;
    }
    return control_key(text);
}

/* "tab 3": the action and its number. */
static bool
parse_action(const char *text, enum action *action, int32_t *arg)
{
    size_t len = strcspn(text, " ");
    *arg = (int32_t)strtol(text + len, NULL, 10);
    for (int a = 0; a < ACT_COUNT; a++) {
        const char *name = action_name((enum action)a);
        if (strlen(name) == len && strncmp(name, text, len) == 0) {
            *action = (enum action)a;
            return true;
        }
    }
    return false;
}

/* Behind what is not known, what may have been meant. */
static bool
add_nearest(char *out, size_t out_size, struct nearest *near)
{
    size_t used = strlen(out);
    if (near->count && used < out_size)
        snprintf(out + used, out_size - used, tr("; did you mean %s?"), nearest_text(near));
    return false;
}

static bool
unknown_context(char *out, size_t out_size, const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    for (int c = 0; c < CTX_COUNT; c++)
        nearest_offer(&near, key_context_config_name((enum key_context)c));
    snprintf(out, out_size, tr("there is no place \"%s\" for keys"), name);
    return add_nearest(out, out_size, &near);
}

static bool
unknown_action(char *out, size_t out_size, const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    for (int a = 0; a < ACT_COUNT; a++)
        nearest_offer(&near, action_name((enum action)a));
    snprintf(out, out_size, tr("there is no action \"%s\""), name);
    return add_nearest(out, out_size, &near);
}

static bool
has_key(enum action action, enum key_context context)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].action == action &&
            (table[i].context == context || table[i].context == CTX_PODISH ||
             table[i].context == CTX_ALL))
            return true;
    return false;
}

bool
keymap_bind_words(const char *context, const char *key, const char *action, char *sentence,
                  size_t sentence_size)
{
    enum key_context c = key_context_parse(context);
    uint32_t code = key_parse(key);
    enum action wanted = ACT_NONE;
    int32_t arg = 0;
    sentence[0] = '\0';
    if (c == CTX_COUNT)
        return unknown_context(sentence, sentence_size, context);
    if (code == KEY_NONE) {
        snprintf(sentence, sentence_size, tr("\"%s\" is no key: write x, ^K, Enter or F5"), key);
        return false;
    }
    if (!parse_action(action, &wanted, &arg))
        return unknown_action(sentence, sentence_size, action);
    enum action before = keymap_lookup(c, c == CTX_PODS || c == CTX_DETAIL, code, NULL);
    if (!keymap_bind(c, code, wanted, arg)) {
        snprintf(sentence, sentence_size, tr("%s: too many keys are bound"), key);
        return false;
    }
    if (before != ACT_NONE && before != wanted && before != ACT_WRITING && !has_key(before, c))
        snprintf(sentence, sentence_size, tr("%s: \"%s\" has no key any more in %s"), key,
                 action_name(before), context);
    return true;
}
