/* bench_views: what a frame of each view costs on the huge cluster of the golden tests (10,000 pods, 300 nodes, a log of 20,000
 * lines), in this process, without a terminal or a network.
 *
 * usage: bench_views [VIEW...]
 *
 * At 200x60, in milliseconds of CPU with what is worked on between frames, the median: a full redraw, the key j with its frame, the frame after another pod
 * changed, after a new Event, a second later; in the last column the most that any of these frames took. Then the same of what lies over the pod list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "../golden/worlds.h"
#include "bench.h"

enum { SAMPLES = 40, COLS = 200, ROWS = 60 };

enum change { CHANGE_REDRAW, CHANGE_KEY, CHANGE_POD, CHANGE_EVENT, CHANGE_SECOND, CHANGE_COUNT };

/* One of 10,000, each time another version of it. */
static void
change_pod(struct scene *sc, int i)
{
    char name[64];
    snprintf(name, sizeof(name), "bench-%05d", i % 7);
    struct pod_make m;
    cluster_begin(&m, "team-00", name, "worker", 600);
    m.pod.uid = name;
    make_container(&m, LIST_APP, "server");
    make_running(&m, LIST_APP, "server", AGO(570))->restart_count = i;
    cluster_running(&m, 580, 570);
    scene_add(sc, pod_seal(&m.pod));
}

static void
make_change(struct scene *sc, enum change change)
{
    static int count;
    switch (change) {
    case CHANGE_REDRAW:
        ui_key(sc->ui, KEY_RESIZE_CODE);
        break;
    case CHANGE_KEY:
        ui_key(sc->ui, 'j');
        break;
    case CHANGE_POD:
        change_pod(sc, ++count);
        break;
    case CHANGE_EVENT:
        scene_event(sc, clock_wall(&sc->clock), true, "BackOff", "bench-00001",
                    "Back-off restarting failed container", (unsigned)++count);
        break;
    case CHANGE_SECOND:
        clock_advance(&sc->clock, 1000);
        break;
    case CHANGE_COUNT:
        break;
    }
}

static void
measure(struct scene *sc, const char *name)
{
    double most = 0;
    printf("%-14s", name);
    scene_draw(sc, COLS, ROWS);
    for (int c = 0; c < CHANGE_COUNT; c++) {
        double samples[SAMPLES];
        for (size_t i = 0; i < SAMPLES; i++) {
            double start = bench_clock_ms(CLOCK_THREAD_CPUTIME_ID);
            make_change(sc, (enum change)c);
            scene_draw(sc, COLS, ROWS);
            samples[i] = bench_clock_ms(CLOCK_THREAD_CPUTIME_ID) - start;
        }
        bench_sort(samples, SAMPLES);
        printf(" %8.2f", samples[SAMPLES / 2]);
        most = IW_MAX(most, samples[SAMPLES - 1]);
    }
    printf(" %8.2f\n", most);
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

/* Text is typed into two of them: j belongs to it. */
static void
measure_overlays(struct world *w, int argc, char **argv)
{
    static const struct {
        const char *name, *keys;
    } overlays[] = {{"filter", "/0[0-9]"}, {"command", ":"}, {"sort", "o"}};
    for (size_t i = 0; i < IW_COUNTOF(overlays); i++) {
        if (!is_wanted(overlays[i].name, argc, argv) || !world_view(w, view_find("pods")))
            continue;
        scene_keys(&w->scene, overlays[i].keys);
        measure(&w->scene, overlays[i].name);
    }
}

int
main(int argc, char **argv)
{
    struct world w;
    world_open(&w, WORLD_HUGE);
    printf("%-14s %8s %8s %8s %8s %8s %8s\n", "milliseconds", "redraw", "key j", "a pod",
           "an Event", "a second", "most");
    for (size_t v = 0; v < view_registry_count; v++) {
        const struct view_class *view = view_registry[v];
        if (is_wanted(view->name, argc, argv) && world_view(&w, view))
            measure(&w.scene, view->name);
    }
    measure_overlays(&w, argc, argv);
    world_close(&w);
    return 0;
}
