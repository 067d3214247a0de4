/* description_policy: whom a NetworkPolicy selects and what it lets through.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/tr.h"

static bool
selects(const struct pod *pod, const void *arg)
{
    const struct kobject *o = arg;
    return strcmp(pod->ns, o->ns) == 0 &&
           label_selector_matches(&o->policy->pods, pod->labels, pod->label_count);
}

static enum block_severity
policy_verdict(const struct description *p, char *out, size_t out_size)
{
    const struct policy_facts *f = p->o->policy;
    bool no_in = f->is_ingress && f->ingress_count == 0,
         no_out = f->is_egress && f->egress_count == 0;
    (void)snprintf(out, out_size, "%s",
                   no_in && no_out ? tr("nothing gets in and nothing gets out")
                   : no_in         ? tr("nothing gets in")
                   : no_out        ? tr("nothing gets out, not even to look up a name")
                                   : "");
    return no_in || no_out ? BLOCK_WARN : BLOCK_NONE;
}

static void
selector_words(const struct label_selector *s, const char *all, char *out, size_t out_size)
{
    label_selector_text(s, out, out_size);
    if (!out[0])
        (void)snprintf(out, out_size, "%s", all);
}

static void
say_peer(struct doc *d, const struct policy_peer *peer)
{
    char pods[300] = "", namespaces[300] = "";
    doc_line(d);
    doc_to(d, 6);
    if (peer->cidr[0]) {
        doc_put(d, ROLE_TEXT, "%s", peer->cidr);
        for (uint32_t i = 0; i < peer->except_count; i++)
            doc_put(d, ROLE_DIM, tr("  but not %s"), peer->except[i]);
        return;
    }
    if (peer->pods.present)
        selector_words(&peer->pods, tr("all pods"), pods, sizeof(pods));
    else
        (void)snprintf(pods, sizeof(pods), "%s", tr("all pods"));
    if (peer->namespaces.present)
        selector_words(&peer->namespaces, tr("all namespaces"), namespaces, sizeof(namespaces));
    else
        (void)snprintf(namespaces, sizeof(namespaces), "%s", tr("this namespace"));
    doc_put(d, ROLE_TEXT, "%s", pods);
    doc_put(d, ROLE_DIM, tr("  in %s"), namespaces);
}

static void
say_ports(struct doc *d, const struct policy_rule *rule)
{
    char text[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < rule->port_count && used + 2 < sizeof(text); i++) {
        const struct policy_port *port = &rule->ports[i];
        char end[24] = "";
        if (port->end_port)
            (void)snprintf(end, sizeof(end), "-%d", port->end_port);
        int n = snprintf(text + used, sizeof(text) - used, "%s%.40s%s/%.10s", i ? ", " : "",
                         port->port[0] ? port->port : tr("all ports"), end, port->protocol);
        used += n > 0 ? IW_MIN((size_t)n, sizeof(text) - used - 1) : 0;
    }
    describe_say(d, 2, tr("Ports"), ROLE_TEXT, rule->port_count ? text : tr("all ports"));
}

static void
say_rules(struct description *p, bool in)
{
    struct doc *d = &p->doc;
    const struct policy_facts *f = p->o->policy;
    const struct policy_rule *rules = in ? f->ingress : f->egress;
    uint32_t count = in ? f->ingress_count : f->egress_count;
    description_rule(p, in ? tr("Lets in") : tr("Lets out"));
    if (!(in ? f->is_ingress : f->is_egress)) {
        description_nothing(p, tr("it does not restrict this direction"));
        return;
    }
    if (count == 0) {
        doc_line(d);
        doc_put(d, ROLE_WARN, "  %s", tr("nothing"));
    }
    for (uint32_t i = 0; i < count; i++) {
        say_ports(d, &rules[i]);
        doc_line(d);
        doc_put(d, ROLE_DIM, "  %s:", in ? tr("From") : tr("To"));
        if (rules[i].peer_count == 0) {
            doc_to(d, 2 + DESCRIBE_VALUE_COLS);
            doc_put(d, ROLE_TEXT, "%s", tr("everybody"));
        }
        for (uint32_t k = 0; k < rules[i].peer_count; k++)
            say_peer(d, &rules[i].peers[k]);
    }
}

static void
policy_spec(struct description *p)
{
    char text[400];
    if (!p->o)
        return;
    selector_words(&p->o->policy->pods, tr("all pods of the namespace"), text, sizeof(text));
    describe_say(&p->doc, 0, tr("Selects"), ROLE_TEXT, text);
    say_rules(p, true);
    say_rules(p, false);
}

static void
policy_pods(struct description *p)
{
    if (!p->o)
        return;
    const struct description_choice choice = {.takes = selects,
                                              .arg = p->o,
                                              .title = tr("Selected pods"),
                                              .none = tr("no pod that is watched has these labels"),
                                              .show_node = true};
    description_pods(p, &choice);
}

const struct description_kind description_policy = {.verdict = policy_verdict,
                                                    .sections = {policy_spec, policy_pods}};
