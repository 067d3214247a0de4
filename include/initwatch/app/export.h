/* export: what is on the screen as a document: for a chat, a report, another program.
 *
 * Nothing in it needs another file, runs, or moves the reader's text: cells hold no control
 * characters.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_EXPORT_H
#define INITWATCH_APP_EXPORT_H

#include "initwatch/model/store.h"
#include "initwatch/ui/ui.h"

/* "[all] [FORMAT] [FILE]" of ":export". */
struct export_wish {
    bool whole;         /* what does not fit on the screen as well */
    const char *format; /* one of ui_export_formats; NULL: there is none of that name */
    const char *file;   /* borrowed from the text; "" none */
};
/* The format is that of the file's ending when none is named, txt when there is neither. */
struct export_wish export_wish_parse(const char *text);

/* What is known beside the picture. */
struct export_facts {
    const char *view; /* name */
    const struct ui_session *session;
    const struct store *store;
    const struct pod_ref *pods; /* listed in this order, */
    size_t pod_count;
    struct pod_ref pod; /* or the one that the view is about; gen 0 none */
    int64_t now_wall_ms;
    enum theme theme;
};
/* The document in one of ui_export_formats. json: place and moment, the lines of the screen with
 * the roles of their cells, and in "pods" the objects of `get` (of a list) or of `why` (of one
 * pod). New string. */
char *export_document(const struct surface *s, const char *format,
                      const struct export_facts *facts) IW_NODISCARD;

#endif
