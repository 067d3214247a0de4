/* session: a connected source with its store and loop: what every command that talks to a cluster
 * starts from.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_SESSION_H
#define INITWATCH_APP_SESSION_H

#include "initwatch/app/options.h"
#include "initwatch/model/store.h"
#include "initwatch/source/replay.h"
#include "initwatch/source/source.h"

/* Look over the shoulder of the store. Called after the store took the change; the pod is
 * borrowed. */
struct session_tap {
    void *ctx;
    void (*pod)(void *ctx, const char *type /* "ADDED", "MODIFIED", "DELETED" */,
                const struct pod *pod);
    void (*event)(void *ctx, const struct kevent *ev);
};

struct session_need {
    bool pods, events;             /* which streams must be listed before session_sync returns */
    bool no_cluster;               /* nothing is read from anywhere: log files */
    bool watch;                    /* go on watching after the list */
    const char *field_selector;    /* instead of the option's; NULL: the option's */
    const struct session_tap *tap; /* NULL: none; borrowed */
};

struct session {
    struct loop *loop;
    struct store *store;
    struct kubeconfig *kubeconfig;
    struct kube_client_config *client;
    struct source *source;
    char ns[256];           /* "" = all namespaces */
    bool selecting;         /* by --selector or --field-selector */
    bool interrupted;       /* SIGINT or SIGTERM came */
    const char *owner_kind; /* of the names session_find_pod is given; NULL: pods */
    struct session_need need;
    struct source_sink store_sink; /* the store's own */
    /* -r: what is played; NULL: this is a cluster. kubeconfig is NULL then */
    struct recording *recording;
    struct replay_opts replay;
    /* A replay jumps back: told before the model forgets, and when a jump is done. Another source is
     * ready to take the place of this one: what hangs on it lets go. May be NULL. */
    struct session_jumps {
        void (*leaving)(void *ctx);
        void (*rewinding)(void *ctx);
        void (*arrived)(void *ctx);
        void *ctx;
    } jumps;
};

/* Kubeconfig, context, client, source; with --replay the recording instead of all of them. The
 * namespace is -n, -A or the context's (the recording's). New in *out. */
IW_NODISCARD enum iw_err session_open(const struct options *o, const struct session_need *need,
                                      struct session **out, struct iw_error *err);
/* Another context (NULL: the same) or namespace (NULL: the context's, "": all): the source is
 * opened anew and the store forgets everything. On an error the old connection stays as it was. */
IW_NODISCARD enum iw_err session_reopen(struct session *s, const struct options *o,
                                        const char *context, const char *ns, struct iw_error *err);
/* Turn the loop until what `need` names is listed. The first failure is returned (headless commands
 * do not wait for a lost server); IW_ERR_CANCELED after an interrupt. */
IW_NODISCARD enum iw_err session_sync(struct session *s, struct iw_error *err);
/* Read other kinds (KIND_BIT) in one namespace, turning the loop until each is listed or cannot be;
 * at most for a while. What could not be read is unknown in the store, and no error. */
void session_read_kinds(struct session *s, uint32_t kinds, const char *ns);
/* Turn the loop until done() says so, an interrupt came, the recording ended, or (until_ms >= 0)
 * that much time has passed. */
void session_run(struct session *s, bool (*done)(void *ctx), void *ctx, int64_t timeout_ms);
/* -r: everything that was recorded has been told. */
bool session_replay_ended(const struct session *s);
void session_close(struct session *s);
/* Find a pod by name in the session's namespace(s), or the most stuck one of the owner of that
 * name; IW_ERR_NOT_FOUND with the nearest names in the message. */
IW_NODISCARD enum iw_err session_find_pod(const struct session *s, const char *name,
                                          struct pod_ref *out, struct iw_error *err);
/* The name of the command line means this pod, or its owner. */
bool session_names_pod(const struct options *o, const char *name, const struct pod *pod);
/* Say on standard error which of the pods of an owner was taken; nothing when a pod was asked
 * for. */
void session_say_pod(const struct session *s, const char *name, struct pod_ref taken);

#endif
