/* preview: the last log lines of the container under the cursor, for the pod list's pane and the
 * pod's detail.
 *
 * One small request when the cursor has rested on another container for a moment; the log view
 * itself is not touched. The pod it rests on is in focus: its ended attempts are kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/app/dashboard.h"

/* Longer than a held-down key repeats, shorter than a person waits. */
enum { PREVIEW_REST_MS = 300 };

static bool
wants_preview(const struct dashboard *d)
{
    const char *view = ui_top_view(d->ui);
    return strcmp(view, "pods") == 0 || strcmp(view, "owners") == 0 || strcmp(view, "detail") == 0;
}

static void
on_rest(void *ctx)
{
    struct dashboard *d = ctx;
    struct pod_ref pod;
    char container[256];
    d->preview_timer = 0;
    if (!ui_cursor(d->ui, &pod, container))
        return;
    if (!pod_ref_equal(d->focus, pod)) {
        d->focus = pod;
        logs_focus(d->logs, pod);
    }
    if (!wants_preview(d) || logs_shows(d->logs, pod, container))
        return;
    struct logs_request request = {
        .pod = pod, .container = container, .want = LOG_WANT_AUTO, .preview = true};
    logs_open(d->logs, &request);
}

void
dashboard_preview(struct dashboard *d)
{
    struct pod_ref pod;
    char container[256];
    bool any = ui_cursor(d->ui, &pod, container);
    bool other = any && (!pod_ref_equal(d->focus, pod) ||
                         (wants_preview(d) && !logs_shows(d->logs, pod, container)));
    if (!other)
        return;
    /* A key moved the cursor: the rest begins anew. */
    if (d->preview_timer && !d->key_handled)
        return;
    loop_remove(d->session->loop, d->preview_timer);
    d->preview_timer = loop_timer_add(d->session->loop, PREVIEW_REST_MS, on_rest, d);
}
