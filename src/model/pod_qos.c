/* pod_qos: the QoS class of a pod as the cluster sees it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/pod.h"
#include "initwatch/model/resources.h"

const char *
pod_qos(const struct pod *pod)
{
    /* Set at creation and immutable, so it is the truth when it is there (SEMANTICS C). */
    if (*pod->qos_class)
        return pod->qos_class;
    char why[128];
    return resources_qos(pod, why, sizeof(why));
}
