/* logs_nothing: a log without lines, or without any in sight, says why.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress.h"
#include "logs.h"

/* Which request waits, and since when. */
static void
wait_draw(const struct view_env *env, const struct log_feed *feed, struct surface *s,
          struct rect area)
{
    char at[16], ago[16], word[400];
    const struct log_feed_source *src = &feed->sources[feed->wait.source];
    if (feed->wait.wall_ms == 0 || area.h < 1)
        return;
    clock_hms(feed->wait.wall_ms, true, at);
    duration_cells(IW_MAX(env->now_wall_ms - feed->wait.wall_ms, (int64_t)0), ago);
    snprintf(word, sizeof(word), tr("No line of %s since %s (%s): GET pods/%s/log"), src->container,
             at, ago, src->pod_name);
    widget_wrap(s, area, area.x, area.y, area.w, area.h, ROLE_DIM, word);
}

/* A container that has not started: what holds it up, and since when. */
static void
hold_draw(const struct view_env *env, const struct log_feed *feed, struct surface *s,
          struct rect area)
{
    const struct pod *pod = podpane_pod(env);
    struct pod_block block;
    char word[600], at[16], ago[16];
    if (feed->state != LOG_FEED_WAITING || !pod || feed->source_count == 0 || area.h < 1)
        return;
    pod_block_of(pod, podpane_now(env), &block);
    const struct container *c = block.container;
    const struct container *own = pod_find_container(pod, feed->sources[0].container);
    const enum container_phase phase = own ? container_phase(own) : CONTAINER_UNKNOWN;
    if (block.severity == BLOCK_NONE || phase == CONTAINER_RUNNING || phase == CONTAINER_TERMINATED)
        return;
    const char *what = block.summary[0] ? block.summary : block.reason;
    const size_t name_len = c ? strlen(c->name) : 0;
    if (c && strncmp(what, c->name, name_len) == 0 && what[name_len] == ' ')
        what += name_len + 1; /* it stands before the sentence */
    const bool other = c && strcmp(c->name, feed->sources[0].container) != 0;
    int n = other ? snprintf(word, sizeof(word), tr("It waits for %s %.100s: %.200s"), c->tag,
                             c->name, what)
                  : snprintf(word, sizeof(word), tr("It waits: %.200s"), what);
    if (block.since_ms != IW_TIME_NONE && n > 0 && (size_t)n < sizeof(word)) {
        clock_hms(block.since_ms, true, at);
        duration_cells(IW_MAX(podpane_now(env) - block.since_ms, (int64_t)0), ago);
        const bool told = strstr(what, ago) != NULL; /* "running 31s" */
        snprintf(word + n, sizeof(word) - (size_t)n,
                 told ? tr(", since %s") : tr(", since %s (%s)"), at, ago);
    }
    int rows = widget_wrap(s, area, area.x, area.y, area.w, area.h, ROLE_TEXT, word);
    if (rows < area.h)
        surface_puts(s, area, area.x, area.y + rows, ROLE_HINT,
                     other ? tr("Tab shows the log of another container, x says why")
                           : tr("x says why"));
}

void
logs_draw_nothing(const struct view_env *env, struct surface *s, struct rect body, bool headed)
{
    const struct log_feed *feed = logs_feed_of(env);
    struct rect text = {body.x + 2, body.y + 1, body.w - 4, body.h - 1};
    if (text.h < 1 || (headed && feed->sentence[0]))
        return;
    const char *word = tr("The log has no lines.");
    enum role role = ROLE_DIM;
    if (!feed) {
        word = tr("No log is open. Enter opens the log of the container that matters now.");
    } else if (feed->sentence[0]) {
        word = feed->sentence;
        role = feed->state == LOG_FEED_FAILED ? ROLE_ERROR : ROLE_TEXT;
    } else if (feed->state == LOG_FEED_LOADING) {
        word = tr("Loading the log …");
    } else if (feed->state == LOG_FEED_FOLLOWING) {
        word = tr("Nothing was written yet. New lines appear here.");
    } else if (feed->since_index > 0) {
        word = tr("No line in this stretch of time. 0 shows the whole log.");
    }
    int rows = widget_wrap(s, text, text.x, text.y, text.w, text.h, role, word);
    struct rect rest = {text.x, text.y + rows, text.w, text.h - rows};
    if (!feed)
        return;
    wait_draw(env, feed, s, rest);
    hold_draw(env, feed, s, rest);
}

void
logs_draw_hidden(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
                 struct rect body)
{
    struct rect text = {body.x + 2, body.y + 1, body.w - 4, body.h - 1};
    char word[160];
    if (loglens_progress(st->lens) < 100)
        snprintf(word, sizeof(word), tr("Reading %llu lines, %u %%"),
                 (unsigned long long)logbuf_count(feed->buf), loglens_progress(st->lens));
    else
        snprintf(word, sizeof(word),
                 tr("The filters hide all %llu lines. i shows them, & adds one."),
                 (unsigned long long)logbuf_count(feed->buf));
    widget_wrap(s, text, text.x, text.y, text.w, text.h, ROLE_TEXT, word);
}
