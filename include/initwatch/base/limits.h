/* limits: every number that bounds something a peer or the user controls, with its reason.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_LIMITS_H
#define INITWATCH_BASE_LIMITS_H

/* One watch event or list element. etcd refuses objects over 1.5 MiB; JSON with managedFields can
 * be a little larger than what is stored. */
#define LIMIT_FRAME_BYTES (4u << 20)
/* Trees of one parsed object in the JSON arena: jansson needs up to about ten times the text. */
#define LIMIT_JSON_ARENA_BYTES (48u << 20)
/* Nesting of JSON; the API server itself stops at 10000, real objects stay below 100. */
#define LIMIT_JSON_DEPTH 512
/* Completed frames waiting to be decoded; the transfer is paused above it. libcurl goes on reading
 * until it is told to pause, and no key is looked at meanwhile: a megabyte is some milliseconds. */
#define LIMIT_FRAME_QUEUE_BYTES (1u << 20)
/* Bytes of a list taken in between two looks at the keyboard: some seventy pods, about two
 * milliseconds. */
#define LIMIT_LIST_SLICE_BYTES (1u << 20)
/* Body of an answer that is not streamed (Status objects, version, single objects). */
#define LIMIT_BODY_BYTES (8u << 20)
/* Containers and nodes whose usage is kept; an answer has no more for its length, several may. */
#define LIMIT_USAGE_SAMPLES 200000u
/* Body of an error answer, of which only the message is shown. */
#define LIMIT_ERROR_BODY_BYTES (64u << 10)
/* A kubeconfig, a manifest, a token or certificate file. */
#define LIMIT_CONFIG_FILE_BYTES (16u << 20)
/* 1000 lines of a prompt's 512 bytes. */
#define LIMIT_HISTORY_BYTES (1u << 20)
/* One log line kept; longer lines are cut with a visible mark. */
#define LIMIT_LOG_LINE_BYTES (64u << 10)
/* All lines of one log buffer. */
#define LIMIT_LOG_BUFFER_BYTES (16u << 20)
/* Last lines of each run that a log on screen is opened with; older ones when they are asked for. */
#define LIMIT_LOG_TAIL_LINES 5000
/* Lines of the newest second that are remembered (16 bytes each) to go on after an interruption
 * without a line shown twice; more than a container writes in a second. */
#define LIMIT_LOG_SEEN_LINES (256u << 10)
/* Lines of several streams held for a moment to put them in order of time: more is shown as it
 * came. */
#define LIMIT_LOG_HOLD_BYTES (8u << 20)
/* Attempts of logs kept while the session lives, beside the buffer of the log on screen. */
#define LIMIT_LOG_ARCHIVE_BYTES (32u << 20)
/* Log bytes taken in between two looks at the keyboard: about two milliseconds. */
#define LIMIT_LOG_SLICE_BYTES (1u << 20)
/* Attempts told apart in one log buffer: a crash loop at its slowest makes 288 a day for each
 * container. */
#define LIMIT_LOG_CHAPTERS 4096
/* Transitions kept for one pod, events kept for all pods and for one pod. */
#define LIMIT_TIMELINE_PER_POD 256
#define LIMIT_EVENTS_TOTAL 20000
#define LIMIT_EVENTS_PER_POD 64
/* Other objects kept of one kind, and what one of them may need. A cluster has at most 5000 nodes;
 * Services and Secrets by the ten thousand exist. One record is about a kilobyte. */
#define LIMIT_OBJECTS_PER_KIND 20000
#define LIMIT_OBJECT_BYTES (256u << 10)
/* Deleted pods stay readable for a post-mortem. */
#define LIMIT_TOMBSTONE_MS (10 * 60 * 1000)
#define LIMIT_TOMBSTONES 1000
/* Ends of a pod's block that are remembered for "blocked pods over time": 24 bytes each. */
#define LIMIT_BLOCKED_SPANS 1024
/* Causes whose history is kept while the program runs, about 1.3 KB each, and the changes of how
 * many pods one of them hits. */
#define LIMIT_FINDING_CAUSES 128
#define LIMIT_FINDING_STEPS 32
/* Strings of slow vocabularies kept for the life of the process; beyond, each pod keeps its own. */
#define LIMIT_INTERN_STRINGS (64u << 10)
#define LIMIT_INTERN_BYTES (4u << 20)
/* The log file; then it becomes PATH.1 and a new one begins. */
#define LIMIT_LOG_FILE_BYTES (4u << 20)
/* A recording, written or read: an hour of a busy cluster of a thousand pods, and what can be held
 * in memory to go back in it. One line of it is a frame with its quotes. */
#define LIMIT_RECORDING_BYTES (256u << 20)
#define LIMIT_RECORDING_LINE_BYTES (2 * LIMIT_FRAME_BYTES)
/* Its lines; each costs 56 bytes beside its text. */
#define LIMIT_RECORDING_LINES (2u << 20)
/* Log lines in memory for the messages view. */
#define LIMIT_MESSAGES 500
/* Decode work between two looks at the keyboard. */
#define LIMIT_WORK_SLICE_MS 8
/* What a view works out between two looks at the keyboard (a search through a long log). A key may
 * wait for one slice, and its frame does another. */
#define LIMIT_VIEW_SLICE_MS 2
/* One text for the clipboard: xterm takes 100,000 bytes of base64, others no less. A log line
 * (LIMIT_LOG_LINE_BYTES) fits. */
#define LIMIT_COPY_BYTES 74000
/* From one frame to the next while the model changes: a change is on the screen within 16 ms. A key
 * is answered at once. */
#define LIMIT_FRAME_INTERVAL_MS 10
/* But frames take at most one part in so many of the time, up to the longer interval: a storm of
 * events over 100,000 pods must leave time to read it. */
#define LIMIT_FRAME_SHARE 5
#define LIMIT_FRAME_INTERVAL_MOST_MS 100

#endif
