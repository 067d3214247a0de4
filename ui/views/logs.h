/* logs: the parts of the log view. move: which rows are in sight; text: one line as cells; lines: the body; head: status
 * line, tabs, histogram, what is searched; side: sources, attempts, filters, marks, fields; detail: one line in full;
 * compare: two attempts side by side; nothing: why there are no lines; act: keys. Only view_logs.c and these parts
 * include it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_VIEWS_LOGS_H
#define INITWATCH_UI_VIEWS_LOGS_H

#include "initwatch/base/vec.h"
#include "initwatch/model/logdiff.h"
#include "initwatch/model/logfields.h"
#include "initwatch/model/loglens.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

enum {
    LOGS_SIDE_COLS = 31,       /* with the line at its right */
    LOGS_SIDE_FROM_COLS = 120, /* shown from this width on */
    LOGS_MARKS_MAX = 64,
    LOGS_FIELDS_MAX = 24,
    LOGS_FIELD_NAME_BYTES = 32,
    LOGS_CONTAINER_ROLES = 5,
};

/* X(MODE, what the status line says) */
#define LOGS_TIMES(X)                                                                              \
    X(START, "rel")                                                                                \
    X(LOCAL, "local")                                                                              \
    X(UTC, "UTC")                                                                                  \
    X(STEP, "step")                                                                                \
    X(OFF, "off")
enum logs_time {
#define X(name, word) LOGS_TIME_##name,
    LOGS_TIMES(X)
#undef X
        LOGS_TIME_COUNT
};
enum logs_fold { LOGS_FOLD_REPEATS, LOGS_FOLD_TRACES, LOGS_FOLD_NOTHING, LOGS_FOLD_COUNT };

struct logs_mark {
    uint64_t line;
    int64_t wall_ms;
    char text[48];
};
/* A field name seen in the lines. */
struct logs_field {
    char name[LOGS_FIELD_NAME_BYTES];
    bool hidden; /* not among the columns */
};
/* A row on screen: row `row` of line `line`, where the headers of chapters before the line come first. Line `end` (behind
 * the last one) has rows when chapters end or begin there. */
struct logs_position {
    uint64_t line;
    int row;
};
/* One row of a chapter: its header, or how it ended. */
struct logs_chapter_row {
    size_t chapter;
    bool exit;
};

struct logs_state {
    struct loglens *lens;
    const struct logbuf *buf; /* to notice another stream; never followed */
    uint64_t seen_end;
    unsigned asked_seen, asked_compared;
    int32_t want_attempt; /* the chapter to go to when it is there, -1 none */
    bool stick;           /* the newest line stays in sight */
    bool wrap, columns, detail, time_chosen;
    enum logs_fold fold;
    enum logs_time time;
    enum time_mode prefs_seen;
    int scroll_x;
    struct logs_position top; /* when not sticking */
    bool has_current;         /* a line is chosen */
    uint64_t current;
    int64_t base_ms;  /* 0 of relative times, for lines without a chapter */
    struct rect text; /* where the texts of lines are drawn */
    VEC(uint64_t)
    begins; /* for each chapter, the line before which its header stands; never falls */
    struct logs_mark marks[LOGS_MARKS_MAX];
    size_t mark_count;
    struct logs_field fields[LOGS_FIELDS_MAX];
    size_t field_count;
    struct strbuf copied; /* the text that was copied last: intents borrow it */
    bool wide;            /* the side panes are on screen beside the text */
    bool side;            /* keys go to the side panes */
    size_t side_at;       /* the entry under their cursor */
    struct {
        bool on;
        int32_t left, right; /* attempts */
        struct logdiff *diff;
        size_t top;
        size_t at; /* the row where the difference that was gone to begins, SIZE_MAX none */
        int w, h;  /* of the screen below the tabs */
    } compare;
};

struct logs_geometry {
    int side, head, foot, detail; /* columns of the side, lines of the others */
    int time_cols, tag_cols, bar_cols;
    struct rect body, text; /* whole rows; where a line's own text starts */
};

/* --- view_logs.c --- */
const struct log_feed *logs_feed_of(const struct view_env *env);
uint64_t logs_first(const struct log_feed *feed);
struct logbuf_line logs_line(const struct log_feed *feed, uint64_t number);
struct logs_geometry logs_geometry(const struct logs_state *st, const struct view_env *env,
                                   const struct log_feed *feed, struct rect area);
/* Members of the classes of view_logs.c and view_logfile.c. */
void logs_view_init(void *state);
void logs_view_fini(void *state);
void logs_view_recalc(void *state, const struct view_env *env, struct rect area);
bool logs_view_work(void *state, const struct view_env *env, int64_t budget_ms);
void logs_view_draw(const void *state, const struct view_env *env, struct surface *s,
                    struct rect area);
void logs_view_filter(void *state, const struct view_env *env, const char *text, bool final);
bool logs_view_command(void *state, const struct view_env *env, const char *name, const char *arg,
                       struct intent *out);
bool logs_view_ticks(const void *state, const struct view_env *env);
void logs_flash(struct intent *out, const char *fmt, ...) IW_PRINTF(2, 3);

/* --- move --- */
uint64_t logs_end(const struct logs_state *st); /* behind the last line that was looked at */
uint64_t logs_next(const struct logs_state *st, uint64_t line); /* the end when there is none */
uint64_t logs_prev(const struct logs_state *st, uint64_t line); /* LINE_NONE */
/* Rows of chapters before a line; fills at most max of out and returns how many there are. */
int logs_chapter_rows(const struct logs_state *st, const struct log_feed *feed, uint64_t line,
                      struct logs_chapter_row *out, int max);
/* "6", of missing ones "1-6", "?" when it is not known. */
void logs_attempt_name(const struct logbuf_chapter *c, char out[32]);
/* Nothing is known of it but why it is not here: its header says so, and it has no other row. */
bool logs_chapter_is_bare(const struct logbuf_chapter *c);
/* Is the line the chosen one, JSON, and the screen wide? Then its fields stand in a row of their own below it. */
bool logs_has_fields_row(const struct logs_state *st, uint64_t line, const struct logbuf_line *raw);
int logs_rows(const struct logs_state *st, const struct log_feed *feed, uint64_t line);
struct logs_position logs_top(const struct logs_state *st, const struct log_feed *feed);
void logs_scroll_to(struct logs_state *st, const struct log_feed *feed, struct logs_position p);
void logs_scroll_by(struct logs_state *st, const struct log_feed *feed, int rows);
/* Choose a line and bring it into sight, a third down when it was not. */
void logs_jump(struct logs_state *st, const struct log_feed *feed, uint64_t line);
void logs_jump_chapter(struct logs_state *st, const struct log_feed *feed, size_t chapter);
/* The chapter that is in sight, SIZE_MAX when there is none. */
size_t logs_chapter_in_sight(const struct logs_state *st, const struct log_feed *feed);
/* The line that keys mean: the chosen one, else the newest or the topmost in sight; LINE_NONE in an empty log. */
uint64_t logs_chosen(const struct logs_state *st, const struct log_feed *feed);

/* --- text --- */
/* How bytes look from one place on. role ROLE_COUNT: the line's own. */
struct logs_style {
    size_t at;
    uint8_t role, flags;
};
/* A line as it is drawn: no colour sequences, tabs as blanks, fields as columns. */
struct logs_text {
    const char *text;
    size_t len;
    char *owned;
    VEC(struct logs_style) styles;
};
#define logs_text_auto IW_CLEANUP(logs_text_free) struct logs_text
void logs_text_of(struct logs_text *out, const struct logs_state *st,
                  const struct logbuf_line *line);
void logs_text_free(struct logs_text *t);
/* How many bytes from `from` on go on one row of `cols` cells, and how far rows after the first are indented. */
size_t logs_text_take(const struct logs_text *t, size_t from, int cols);
int logs_text_indent(const struct logs_text *t, int cols);
int logs_text_rows(const struct logs_text *t, int cols);
/* Draws bytes from..to with their styles, shifted left by shift columns; returns their width. */
int logs_text_draw(const struct logs_text *t, size_t from, size_t to, struct surface *s,
                   struct rect row, int shift, enum role role);

/* "╰ level error   msg slow write   took 812ms" */
void logs_fields_draw(const struct logs_state *st, const struct logs_text *t, struct surface *s,
                      struct rect row);

/* --- drawing --- */
void logs_draw_head(const struct logs_state *st, const struct view_env *env, struct surface *s,
                    struct rect area, const struct logs_geometry *g);
void logs_draw_foot(const struct logs_state *st, const struct view_env *env, struct surface *s,
                    struct rect area);
void logs_draw_body(const struct logs_state *st, const struct view_env *env, struct surface *s,
                    const struct logs_geometry *g);
void logs_time_text(const struct logs_state *st, const struct log_feed *feed,
                    const struct logbuf_line *line, uint64_t number, int cols, char out[32]);
/* Why there are no lines; headed: below the heads of attempts, where the sentence stands at the foot. */
void logs_draw_nothing(const struct view_env *env, struct surface *s, struct rect body,
                       bool headed);
/* Lines there are, but none is left in sight. */
void logs_draw_hidden(const struct logs_state *st, const struct log_feed *feed, struct surface *s,
                      struct rect body);
void logs_draw_side(const struct logs_state *st, const struct view_env *env, struct surface *s,
                    struct rect area);
void logs_draw_detail(const struct logs_state *st, const struct view_env *env, struct surface *s,
                      struct rect area);
void logs_draw_compare(const struct logs_state *st, const struct view_env *env, struct surface *s,
                       struct rect area);

/* --- side --- */
/* Keys while the side has the focus; true when handled. */
bool logs_side_act(struct logs_state *st, const struct view_env *env, enum action action,
                   struct intent *out);

/* --- compare --- */
bool logs_compare_open(struct logs_state *st, const struct log_feed *feed, struct intent *out);
/* The comparison that the log was opened for: as soon as the newest attempt has its lines, or has ended without any. */
void logs_compare_wanted(struct logs_state *st, const struct log_feed *feed);
void logs_compare_close(struct logs_state *st);
/* False: a key of the log, which has nothing to do while attempts are compared. */
bool logs_compare_can(enum action action);
bool logs_compare_act(struct logs_state *st, const struct log_feed *feed, enum action action,
                      struct intent *out);

/* --- act --- */
/* Has it anything to do (view_class.can)? */
bool logs_can(const void *state, const struct view_env *env, enum action action);
/* What a key does now where that is not its usual word (view_class.word). */
const char *logs_word(const void *state, const struct view_env *env, enum action action);
bool logs_act(void *state, const struct view_env *env, enum action action, int32_t arg,
              struct intent *out);
/* Ask the app for another stream, the rest as it is. */
struct intent *logs_stream_intent(struct intent *out, const struct view_env *env,
                                  const struct log_feed *feed);
/* The same, of all pods whose logs are in it. */
struct intent *logs_again_intent(struct intent *out, const struct view_env *env,
                                 const struct log_feed *feed);

#endif
