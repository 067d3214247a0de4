/* whatif: edited copies of a pod's requests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/whatif.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

/* --- edits --- */

static bool
same_target(const struct whatif_edit *a, const struct whatif_edit *b)
{
    return strcmp(a->container, b->container) == 0 && a->move == b->move &&
           (a->move || (a->side == b->side && strcmp(a->name, b->name) == 0));
}

enum iw_err
whatif_set(struct whatif *w, const struct whatif_edit *edit, struct iw_error *err)
{
    struct quantity q;
    if (!edit->move && edit->text[0]) {
        enum iw_err code = quantity_parse(edit->text, strlen(edit->text), &q, err);
        if (code != IW_OK)
            return code;
        if (quantity_sign(&q) < 0)
            return iw_fail(err, IW_ERR_PARSE, "%s is less than nothing", edit->text);
    }
    for (size_t i = 0; i < w->count; i++)
        if (same_target(&w->edits[i], edit)) { /* it becomes the last one: undo takes it first */
            memmove(&w->edits[i], &w->edits[i + 1], (w->count - i - 1) * sizeof(*edit));
            w->count--;
            break;
        }
    if (w->count == WHATIF_EDITS_MAX)
        return iw_fail(err, IW_ERR_RANGE, "more than %d edits", WHATIF_EDITS_MAX);
    w->edits[w->count++] = *edit;
    return IW_OK;
}

bool
whatif_undo(struct whatif *w)
{
    if (w->count == 0)
        return false;
    w->count--;
    return true;
}

static const struct container *
container_named(const struct pod *pod, const char *word)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (strcmp(c->tag, word) == 0)
            return c;
    return pod_find_container(pod, word);
}

static enum iw_err
parse_amount(struct whatif *w, const struct container *c, const char *word, struct iw_error *err)
{
    struct whatif_edit edit = {.side = RESOURCE_REQUESTS};
    const char *equals = strchr(word, '=');
    if (!equals || equals == word)
        return iw_fail(err, IW_ERR_USAGE, "%.60s: expected NAME=AMOUNT, such as cpu=220m", word);
    if (strncmp(word, "limits.", 7) == 0) {
        edit.side = RESOURCE_LIMITS;
        word += 7;
    } else if (strncmp(word, "requests.", 9) == 0) {
        word += 9;
    }
    snprintf(edit.container, sizeof(edit.container), "%s", c->name);
    snprintf(edit.name, sizeof(edit.name), "%.*s", (int)IW_MIN(equals - word, 63), word);
    if (strcmp(edit.name, "mem") == 0)
        snprintf(edit.name, sizeof(edit.name), "memory");
    snprintf(edit.text, sizeof(edit.text), "%s", equals + 1);
    return whatif_set(w, &edit, err);
}

enum iw_err
whatif_parse(struct whatif *w, const struct pod *pod, const char *text, struct iw_error *err)
{
    struct whatif parsed = *w;
    const struct container *c = NULL;
    bool any = false;
    while (*text) {
        char word[160];
        text += strspn(text, " ");
        size_t len = strcspn(text, " ");
        snprintf(word, sizeof(word), "%.*s", (int)IW_MIN(len, sizeof(word) - 1), text);
        text += len;
        if (!word[0])
            break;
        if (!c) {
            c = container_named(pod, word);
            if (!c)
                return iw_fail(err, IW_ERR_USAGE, "there is no container %.60s", word);
            continue;
        }
        enum iw_err code = parse_amount(&parsed, c, word, err);
        if (code != IW_OK)
            return code;
        any = true;
    }
    if (!any)
        return iw_fail(err, IW_ERR_USAGE, "expected a container and amounts: i2 cpu=220m");
    *w = parsed;
    return IW_OK;
}

/* --- the edited pod --- */

/* The list with one entry set, added or (text "") left out; its items are new. */
static void
list_edit(struct resource_list *list, const char *name, const char *text)
{
    struct resource_item *items = iw_calloc(list->count + 1, sizeof(*items));
    uint32_t count = 0;
    bool found = false;
    for (uint32_t i = 0; i < list->count; i++) {
        bool here = strcmp(list->items[i].name, name) == 0;
        found |= here;
        if (here && !text[0])
            continue;
        items[count++] = here ? (struct resource_item){name, text} : list->items[i];
    }
    if (!found && text[0])
        items[count++] = (struct resource_item){name, text};
    *list = (struct resource_list){items, count, true};
}

static void
move_to_front(struct container *containers, size_t at)
{
    struct container moved = containers[at];
    memmove(containers + 1, containers, at * sizeof(*containers));
    containers[0] = moved;
}

/* Status and allocation of the real pod speak of the real amounts. */
static void
apply_edit(struct container *containers, const struct pod *pod, const struct whatif_edit *e,
           void **owned)
{
    for (uint32_t i = 0; i < pod->container_count; i++) {
        struct container *c = &containers[i];
        if (strcmp(c->name, e->container) != 0)
            continue;
        if (e->move) {
            if (i < pod->init_count)
                move_to_front(containers, i);
            return;
        }
        struct resource_list *list = e->side == RESOURCE_REQUESTS ? &c->requests : &c->limits;
        list_edit(list, e->name, e->text);
        *owned = (void *)(uintptr_t)list->items;
        return;
    }
}

struct pod *
whatif_apply(const struct pod *pod, const struct whatif *w)
{
    void *owned[WHATIF_EDITS_MAX] = {0};
    size_t size = pod->container_count * sizeof(struct container);
    struct container *containers = iw_malloc(size ? size : 1);
    if (size)
        memcpy(containers, pod->containers, size);
    for (size_t i = 0; i < w->count; i++)
        apply_edit(containers, pod, &w->edits[i], &owned[i]);
    struct pod draft = *pod;
    draft.containers = containers;
    struct pod *edited = pod_seal(&draft);
    for (size_t i = 0; i < WHATIF_EDITS_MAX; i++)
        free(owned[i]);
    free(containers);
    return edited;
}

/* --- steps --- */

void
whatif_step(const char *text, const char *name, bool up, char out[40])
{
    /* what people write: cpu in milli, sizes in MiB; everything else in whole numbers */
    static const double CPU[] = {10,  20,   50,   100,  150,  200,  250,  300,  400,  500,
                                 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 16000};
    bool cpu = strcmp(name, "cpu") == 0, size = strcmp(name, "memory") == 0;
    struct quantity q = {0};
    if (text[0] && quantity_parse_trimmed(text, strlen(text), &q, NULL) != IW_OK)
        q = (struct quantity){0};
    double now = quantity_approx(&q) * (cpu ? 1000 : size ? 1.0 / (1024 * 1024) : 1), next = now;
    if (cpu) {
        for (size_t i = 0; i < IW_COUNTOF(CPU); i++) {
            if (up && CPU[i] > now * 1.0001) {
                next = CPU[i];
                break;
            }
            if (!up && CPU[i] < now * 0.9999)
                next = CPU[i];
        }
        if (!up && next >= now)
            next = 0;
        snprintf(out, 40, "%.0fm", next);
        return;
    }
    if (size) {
        double power = now > 0 ? pow(2, floor(log2(now) + 1e-9)) : 8;
        next = up ? power * 2 : power < now * 0.9999 ? power : power / 2;
        if (next < 8)
            next = up ? 16 : 0;
        snprintf(out, 40, next >= 1024 && fmod(next, 1024) == 0 ? "%.0fGi" : "%.0fMi",
                 next >= 1024 && fmod(next, 1024) == 0 ? next / 1024 : next);
        return;
    }
    next = up ? floor(now) + 1 : fmax(ceil(now) - 1, 0);
    snprintf(out, 40, "%.0f", fmin(next, 1e15));
}

/* --- hints --- */

static void
hint_try(const struct pod *pod, const char *name, const struct quantity *before,
         struct whatif_hint *hint)
{
    struct whatif w = {.edits = {hint->edit}, .count = 1};
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    struct pod *edited = whatif_apply(pod, &w);
    resources_breakdown(edited, RESOURCE_REQUESTS, name, &options, &b);
    hint->effective = b.effective;
    hint->by = b.decided_by;
    hint->changes = quantity_cmp(&b.effective, before) != 0;
    hint->decider = b.decider && b.decided_by == DECIDED_BY_INIT
                        ? pod_find_container(pod, b.decider->name)
                        : NULL;
    resource_breakdown_free(&b);
    pod_free(edited);
}

/* The largest of the other stages, less the sidecars that run beside the deciding one; false when
 * the deciding container cannot be lowered to anything. */
static bool
lowered_to(const struct resource_breakdown *b, struct quantity *out)
{
    const struct resource_stage *decides = NULL, *next = NULL;
    for (size_t i = 0; i < b->stage_count; i++) {
        const struct resource_stage *s = &b->stages[i];
        if (s->decides)
            decides = s;
        else if (!next || quantity_cmp(&s->sum, &next->sum) > 0)
            next = s;
    }
    if (!decides || !next)
        return false;
    *out = next->sum;
    quantity_sub(out, &decides->sidecars_before);
    return quantity_sign(out) > 0 && quantity_cmp(out, &decides->own) < 0;
}

static size_t
hint_add(const struct pod *pod, const struct resource_breakdown *b, struct whatif_hint *out,
         size_t count, size_t max, const struct whatif_edit *edit)
{
    if (count == max)
        return count;
    out[count] = (struct whatif_hint){.edit = *edit};
    hint_try(pod, b->name, &b->effective, &out[count]);
    return count + 1;
}

static struct whatif_edit
edit_of(const struct container *c, const char *name)
{
    struct whatif_edit edit = {.side = RESOURCE_REQUESTS};
    snprintf(edit.container, sizeof(edit.container), "%s", c->name);
    snprintf(edit.name, sizeof(edit.name), "%s", name);
    return edit;
}

static size_t
hints_about_sidecars(const struct pod *pod, const struct resource_breakdown *b,
                     struct whatif_hint *out, size_t count, size_t max)
{
    bool before = false;
    for (const struct container *c = NULL;
         (c = pod_containers(pod, c)) != NULL && c != b->decider;) {
        struct quantity own, half;
        struct resource_options options = {0};
        if (c->kind != CONTAINER_SIDECAR ||
            !resources_container(pod, c, RESOURCE_REQUESTS, b->name, &options, &own))
            continue;
        before = true;
        half = quantity_of((int64_t)(quantity_approx(&own) * 500), QUANTITY_DECIMAL_SI);
        struct whatif_edit edit = edit_of(c, b->name);
        if (strcmp(b->name, "cpu") == 0 && quantity_approx(&half) >= 1)
            snprintf(edit.text, sizeof(edit.text), "%lldm", (long long)quantity_value(&half));
        else if (strcmp(b->name, "memory") == 0 && quantity_approx(&own) >= 2 * 1024 * 1024)
            snprintf(edit.text, sizeof(edit.text), "%lldMi",
                     (long long)(quantity_approx(&own) / 2 / 1024 / 1024));
        else
            continue;
        count = hint_add(pod, b, out, count, max, &edit);
    }
    struct whatif_edit move = edit_of(b->decider, b->name);
    move.move = true;
    if (before && b->decider->kind == CONTAINER_INIT)
        count = hint_add(pod, b, out, count, max, &move);
    return count;
}

size_t
whatif_hints(const struct pod *pod, const char *name, struct whatif_hint *out, size_t max)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    struct quantity lower;
    size_t count = 0;
    resources_breakdown(pod, RESOURCE_REQUESTS, name, &options, &b);
    if (b.present && b.decided_by == DECIDED_BY_INIT && b.decider) {
        if (lowered_to(&b, &lower)) {
            struct whatif_edit edit = edit_of(b.decider, name);
            char text[QUANTITY_OUT_MAX];
            quantity_canonical(&lower, text, sizeof(text));
            snprintf(edit.text, sizeof(edit.text), "%.39s", text);
            count = hint_add(pod, &b, out, count, max, &edit);
        }
        count = hints_about_sidecars(pod, &b, out, count, max);
    }
    resource_breakdown_free(&b);
    return count;
}
