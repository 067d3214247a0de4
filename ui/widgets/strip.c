/* strip: the row of signs that shows a pod's containers in start order: "✓(↻)◌│◌◌".
 * A sign in parentheses is a native sidecar; after the bar come the app containers, after a "+" the
 * ephemeral ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/ui/widget.h"

enum { SPINNER_FRAME_MS = 200, STRIP_PARTS_MAX = 256 };

static const enum role sign_roles[SIGN_COUNT] = {
    [SIGN_WAITS] = ROLE_WAITING,   [SIGN_WORKING] = ROLE_WORKING, [SIGN_OK] = ROLE_OK,
    [SIGN_BACKOFF] = ROLE_BACKOFF, [SIGN_FAILED] = ROLE_ERROR,    [SIGN_UNREADY] = ROLE_UNREADY,
    [SIGN_ENDED] = ROLE_DIM,
};

const char *
sign_glyph(enum container_sign sign, int64_t now_wall_ms, bool motion)
{
    static const char *const frames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    if ((unsigned)sign >= SIGN_COUNT)
        return "?";
    if (sign != SIGN_WORKING || !motion || now_wall_ms < 0)
        return container_sign_text(sign, false);
    return frames[(size_t)(now_wall_ms / SPINNER_FRAME_MS) % IW_COUNTOF(frames)];
}

enum role
sign_role(enum container_sign sign)
{
    return (unsigned)sign < SIGN_COUNT ? sign_roles[sign] : ROLE_TEXT;
}

/* One piece of the strip: a sign, a bracket, a blank, the bar. */
struct strip_part {
    bool is_sign;
    enum container_sign sign;
    char text[4]; /* when it is no sign */
};

static size_t
add_text(struct strip_part *parts, size_t n, const char *text)
{
    if (n >= STRIP_PARTS_MAX)
        return n;
    parts[n].is_sign = false;
    snprintf(parts[n].text, sizeof(parts[n].text), "%s", text);
    return n + 1;
}

/* Blanks stand between plain signs (wide form: also beside brackets) so that `✓ ✗` and `✓(✗)`
 * differ at a glance. */
static size_t
strip_parts(const struct pod *pod, int64_t now_wall_ms, bool compact, struct strip_part *parts)
{
    size_t n = 0;
    const struct container *before = NULL;
    bool any_init = false;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (n + 8 >= STRIP_PARTS_MAX)
            break;
        bool sidecar = c->kind == CONTAINER_SIDECAR;
        if (!before || before->list != c->list) {
            if (c->list == LIST_APP && any_init)
                n = add_text(parts, n, "│");
            else if (c->list == LIST_EPHEMERAL)
                n = add_text(parts, n, "+");
        } else if (!compact) {
            n = add_text(parts, n, " ");
        }
        any_init = any_init || c->list == LIST_INIT;
        if (sidecar)
            n = add_text(parts, n, "(");
        parts[n].is_sign = true;
        parts[n++].sign = container_sign(pod, c, now_wall_ms);
        if (sidecar)
            n = add_text(parts, n, ")");
        before = c;
    }
    return n;
}

int
widget_strip(struct surface *s, struct rect clip, int x, int y, const struct pod *pod,
             const struct view_env *env, bool compact)
{
    struct strip_part parts[STRIP_PARTS_MAX];
    size_t n = strip_parts(pod, env->now_wall_ms, compact, parts);
    int used = 0;
    for (size_t i = 0; i < n; i++) {
        const struct strip_part *p = &parts[i];
        bool motion = env->prefs->motion && !s->ascii;
        if (p->is_sign)
            used += surface_puts(s, clip, x + used, y, sign_role(p->sign),
                                 sign_glyph(p->sign, env->now_wall_ms, motion));
        else
            used += surface_puts(s, clip, x + used, y, ROLE_DIM, p->text);
    }
    return used;
}

int
widget_strip_width(const struct pod *pod, bool compact)
{
    int width = 0;
    const struct container *before = NULL;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL; before = c) {
        width += c->kind == CONTAINER_SIDECAR ? 3 : 1;
        if (before && (before->list != c->list || !compact))
            width++;
        else if (!before && c->list == LIST_EPHEMERAL)
            width++;
    }
    return width;
}
