/* pbform_tables: the messages, by the names their members have in JSON.
 * Ref: k8s.io/api/core/v1/generated.proto and apimachinery's meta/v1 generated.proto (v1.35).
 * SPDX-License-Identifier: Apache-2.0 */
#include "pbform_tables.h"

/* Messages of which nothing is written but that they are there. */
static const struct pbform_message ephemeral_volume = {0}, required_affinity = {0};

static const struct pbform_row name_only_rows[] = {
    ONE("name", 1, TEXT),
};
const struct pbform_message pbform_name_only = MESSAGE(name_only_rows);

static const struct pbform_row key_to_path_rows[] = {
    ONE("key", 1, TEXT),
    ONE("path", 2, TEXT),
    OPTIONAL("mode", 3, NUMBER),
};
static const struct pbform_message key_to_path = MESSAGE(key_to_path_rows);

static const struct pbform_row owner_rows[] = {
    ONE("kind", 1, TEXT),       ONE("name", 3, TEXT),       ONE("uid", 4, TEXT),
    ONE("apiVersion", 5, TEXT), ONE("controller", 6, BOOL), ONE("blockOwnerDeletion", 7, BOOL),
};
static const struct pbform_message owner = MESSAGE(owner_rows);

static const struct pbform_row managed_fields_rows[] = {
    ONE("manager", 1, TEXT),     ONE("operation", 2, TEXT),  ONE("apiVersion", 3, TEXT),
    ONE("time", 4, TIME),        ONE("fieldsType", 6, TEXT), ONE("fieldsV1", 7, JSON),
    ONE("subresource", 8, TEXT),
};
static const struct pbform_message managed_fields = MESSAGE(managed_fields_rows);

static const struct pbform_row object_meta_rows[] = {
    ONE("name", 1, TEXT),
    ONE("generateName", 2, TEXT),
    ONE("namespace", 3, TEXT),
    ONE("selfLink", 4, TEXT),
    ONE("uid", 5, TEXT),
    ONE("resourceVersion", 6, TEXT),
    ONE("generation", 7, NUMBER),
    ONE("creationTimestamp", 8, TIME),
    ONE("deletionTimestamp", 9, TIME),
    ONE("deletionGracePeriodSeconds", 10, NUMBER),
    ONE("labels", 11, TEXTS),
    ONE("annotations", 12, TEXTS),
    PARTS("ownerReferences", 13, owner),
    MANY("finalizers", 14, TEXT),
    PARTS("managedFields", 17, managed_fields),
};
const struct pbform_message pbform_object_meta = MESSAGE(object_meta_rows);

static const struct pbform_row requirements_rows[] = {
    ONE("limits", 1, AMOUNTS),
    ONE("requests", 2, AMOUNTS),
};
static const struct pbform_message requirements = MESSAGE(requirements_rows);

static const struct pbform_row host_path_rows[] = {
    ONE("path", 1, TEXT),
    ONE("type", 2, TEXT),
};
static const struct pbform_message host_path = MESSAGE(host_path_rows);

static const struct pbform_row empty_dir_rows[] = {
    ONE("medium", 1, TEXT),
    ONE("sizeLimit", 2, AMOUNT),
};
static const struct pbform_message empty_dir = MESSAGE(empty_dir_rows);

static const struct pbform_row secret_volume_rows[] = {
    ONE("secretName", 1, TEXT),
    PARTS("items", 2, key_to_path),
    OPTIONAL("defaultMode", 3, NUMBER),
    OPTIONAL("optional", 4, BOOL),
};
static const struct pbform_message secret_volume = MESSAGE(secret_volume_rows);

static const struct pbform_row claim_volume_rows[] = {
    ONE("claimName", 1, TEXT),
    ONE("readOnly", 2, BOOL),
};
static const struct pbform_message claim_volume = MESSAGE(claim_volume_rows);

static const struct pbform_row config_map_volume_rows[] = {
    PART(NULL, 1, pbform_name_only),
    PARTS("items", 2, key_to_path),
    OPTIONAL("defaultMode", 3, NUMBER),
    OPTIONAL("optional", 4, BOOL),
};
static const struct pbform_message config_map_volume = MESSAGE(config_map_volume_rows);

static const struct pbform_row field_ref_rows[] = {
    ONE("apiVersion", 1, TEXT),
    ONE("fieldPath", 2, TEXT),
};
static const struct pbform_message field_ref = MESSAGE(field_ref_rows);

static const struct pbform_row downward_file_rows[] = {
    ONE("path", 1, TEXT),
    PART("fieldRef", 2, field_ref),
    OPTIONAL("mode", 4, NUMBER),
};
static const struct pbform_message downward_file = MESSAGE(downward_file_rows);

static const struct pbform_row downward_volume_rows[] = {
    PARTS("items", 1, downward_file),
    OPTIONAL("defaultMode", 2, NUMBER),
};
static const struct pbform_message downward_volume = MESSAGE(downward_volume_rows);

static const struct pbform_row token_projection_rows[] = {
    ONE("audience", 1, TEXT),
    OPTIONAL("expirationSeconds", 2, NUMBER),
    ONE("path", 3, TEXT),
};
static const struct pbform_message token_projection = MESSAGE(token_projection_rows);

static const struct pbform_row secret_projection_rows[] = {
    PART(NULL, 1, pbform_name_only),
    PARTS("items", 2, key_to_path),
    OPTIONAL("optional", 4, BOOL),
};
static const struct pbform_message secret_projection = MESSAGE(secret_projection_rows);

static const struct pbform_row downward_projection_rows[] = {
    PARTS("items", 1, downward_file),
};
static const struct pbform_message downward_projection = MESSAGE(downward_projection_rows);

static const struct pbform_row projection_rows[] = {
    PART("secret", 1, secret_projection),
    PART("downwardAPI", 2, downward_projection),
    PART("configMap", 3, secret_projection),
    PART("serviceAccountToken", 4, token_projection),
};
static const struct pbform_message projection = MESSAGE(projection_rows);

static const struct pbform_row projected_volume_rows[] = {
    PARTS("sources", 1, projection),
    OPTIONAL("defaultMode", 2, NUMBER),
};
static const struct pbform_message projected_volume = MESSAGE(projected_volume_rows);

static const struct pbform_row nfs_volume_rows[] = {
    ONE("server", 1, TEXT),
    ONE("path", 2, TEXT),
    ONE("readOnly", 3, BOOL),
};
static const struct pbform_message nfs_volume = MESSAGE(nfs_volume_rows);

static const struct pbform_row csi_volume_rows[] = {
    ONE("driver", 1, TEXT),
    ONE("readOnly", 2, BOOL),
};
static const struct pbform_message csi_volume = MESSAGE(csi_volume_rows);

static const struct pbform_row image_volume_rows[] = {
    ONE("reference", 1, TEXT),
    ONE("pullPolicy", 2, TEXT),
};
static const struct pbform_message image_volume = MESSAGE(image_volume_rows);

static const struct pbform_row volume_source_rows[] = {
    PART("hostPath", 1, host_path),
    OPTIONAL_PART("emptyDir", 2, empty_dir),
    PART("secret", 6, secret_volume),
    PART("nfs", 7, nfs_volume),
    PART("persistentVolumeClaim", 10, claim_volume),
    PART("downwardAPI", 16, downward_volume),
    PART("configMap", 19, config_map_volume),
    PART("projected", 26, projected_volume),
    PART("csi", 28, csi_volume),
    PART("ephemeral", 29, ephemeral_volume),
    PART("image", 30, image_volume),
};
static const struct pbform_message volume_source = MESSAGE(volume_source_rows);

static const struct pbform_row volume_rows[] = {
    ONE("name", 1, TEXT),
    PART(NULL, 2, volume_source),
};
static const struct pbform_message volume = MESSAGE(volume_rows);

static const struct pbform_row port_rows[] = {
    ONE("name", 1, TEXT),     ONE("hostPort", 2, NUMBER), ONE("containerPort", 3, NUMBER),
    ONE("protocol", 4, TEXT), ONE("hostIP", 5, TEXT),
};
static const struct pbform_message port = MESSAGE(port_rows);

static const struct pbform_row key_selector_rows[] = {
    PART(NULL, 1, pbform_name_only),
    ONE("key", 2, TEXT),
    OPTIONAL("optional", 3, BOOL),
};
static const struct pbform_message key_selector = MESSAGE(key_selector_rows);

static const struct pbform_row resource_field_rows[] = {
    ONE("containerName", 1, TEXT),
    ONE("resource", 2, TEXT),
    ONE("divisor", 3, AMOUNT),
};
static const struct pbform_message resource_field = MESSAGE(resource_field_rows);

static const struct pbform_row env_source_rows[] = {
    PART("fieldRef", 1, field_ref),
    PART("resourceFieldRef", 2, resource_field),
    PART("configMapKeyRef", 3, key_selector),
    PART("secretKeyRef", 4, key_selector),
};
static const struct pbform_message env_source = MESSAGE(env_source_rows);

static const struct pbform_row env_rows[] = {
    ONE("name", 1, TEXT),
    ONE("value", 2, TEXT),
    PART("valueFrom", 3, env_source),
};
static const struct pbform_message env = MESSAGE(env_rows);

static const struct pbform_row env_from_source_rows[] = {
    PART(NULL, 1, pbform_name_only),
    OPTIONAL("optional", 2, BOOL),
};
static const struct pbform_message env_from_source = MESSAGE(env_from_source_rows);

static const struct pbform_row env_from_rows[] = {
    ONE("prefix", 1, TEXT),
    PART("configMapRef", 2, env_from_source),
    PART("secretRef", 3, env_from_source),
};
static const struct pbform_message env_from = MESSAGE(env_from_rows);

static const struct pbform_row mount_rows[] = {
    ONE("name", 1, TEXT),
    ONE("readOnly", 2, BOOL),
    ONE("mountPath", 3, TEXT),
    ONE("subPath", 4, TEXT),
    ONE("mountPropagation", 5, TEXT),
    ONE("subPathExpr", 6, TEXT),
    ONE("recursiveReadOnly", 7, TEXT),
};
static const struct pbform_message mount = MESSAGE(mount_rows);

static const struct pbform_row exec_rows[] = {
    MANY("command", 1, TEXT),
};
static const struct pbform_message exec = MESSAGE(exec_rows);

static const struct pbform_row header_rows[] = {
    ONE("name", 1, TEXT),
    ONE("value", 2, TEXT),
};
static const struct pbform_message header = MESSAGE(header_rows);

static const struct pbform_row http_get_rows[] = {
    ONE("path", 1, TEXT),
    ONE("port", 2, PORT),
    ONE("host", 3, TEXT),
    ONE("scheme", 4, TEXT),
    PARTS("httpHeaders", 5, header),
};
static const struct pbform_message http_get = MESSAGE(http_get_rows);

static const struct pbform_row tcp_socket_rows[] = {
    ONE("port", 1, PORT),
    ONE("host", 2, TEXT),
};
static const struct pbform_message tcp_socket = MESSAGE(tcp_socket_rows);

static const struct pbform_row grpc_rows[] = {
    ONE("port", 1, NUMBER),
    ONE("service", 2, TEXT),
};
static const struct pbform_message grpc = MESSAGE(grpc_rows);

static const struct pbform_row sleep_rows[] = {
    ONE("seconds", 1, NUMBER),
};
static const struct pbform_message sleep = MESSAGE(sleep_rows);

static const struct pbform_row probe_handler_rows[] = {
    PART("exec", 1, exec),
    PART("httpGet", 2, http_get),
    PART("tcpSocket", 3, tcp_socket),
    PART("grpc", 4, grpc),
};
static const struct pbform_message probe_handler = MESSAGE(probe_handler_rows);

static const struct pbform_row probe_rows[] = {
    PART(NULL, 1, probe_handler),
    ONE("initialDelaySeconds", 2, NUMBER),
    ONE("timeoutSeconds", 3, NUMBER),
    ONE("periodSeconds", 4, NUMBER),
    ONE("successThreshold", 5, NUMBER),
    ONE("failureThreshold", 6, NUMBER),
    OPTIONAL("terminationGracePeriodSeconds", 7, NUMBER),
};
static const struct pbform_message probe = MESSAGE(probe_rows);

static const struct pbform_row hook_rows[] = {
    PART("exec", 1, exec),
    PART("httpGet", 2, http_get),
    PART("tcpSocket", 3, tcp_socket),
    PART("sleep", 4, sleep),
};
static const struct pbform_message hook = MESSAGE(hook_rows);

static const struct pbform_row lifecycle_rows[] = {
    PART("postStart", 1, hook),
    PART("preStop", 2, hook),
    ONE("stopSignal", 3, TEXT),
};
static const struct pbform_message lifecycle = MESSAGE(lifecycle_rows);

static const struct pbform_row exit_codes_rows[] = {
    ONE("operator", 1, TEXT),
    MANY("values", 2, NUMBER),
};
static const struct pbform_message exit_codes = MESSAGE(exit_codes_rows);

static const struct pbform_row restart_rule_rows[] = {
    ONE("action", 1, TEXT),
    PART("exitCodes", 2, exit_codes),
};
static const struct pbform_message restart_rule = MESSAGE(restart_rule_rows);

static const struct pbform_row capabilities_rows[] = {
    MANY("add", 1, TEXT),
    MANY("drop", 2, TEXT),
};
static const struct pbform_message capabilities = MESSAGE(capabilities_rows);

static const struct pbform_row security_context_rows[] = {
    PART("capabilities", 1, capabilities),
    OPTIONAL("privileged", 2, BOOL),
    OPTIONAL("runAsUser", 4, NUMBER),
    OPTIONAL("runAsNonRoot", 5, BOOL),
    OPTIONAL("readOnlyRootFilesystem", 6, BOOL),
    OPTIONAL("allowPrivilegeEscalation", 7, BOOL),
    OPTIONAL("runAsGroup", 8, NUMBER),
};
static const struct pbform_message security_context = MESSAGE(security_context_rows);

static const struct pbform_row pod_security_rows[] = {
    OPTIONAL("runAsUser", 2, NUMBER),
    OPTIONAL("runAsNonRoot", 3, BOOL),
    OPTIONAL("fsGroup", 5, NUMBER),
    OPTIONAL("runAsGroup", 6, NUMBER),
};
static const struct pbform_message pod_security = MESSAGE(pod_security_rows);

static const struct pbform_row container_rows[] = {
    ONE("name", 1, TEXT),
    ONE("image", 2, TEXT),
    MANY("command", 3, TEXT),
    MANY("args", 4, TEXT),
    ONE("workingDir", 5, TEXT),
    PARTS("ports", 6, port),
    PARTS("env", 7, env),
    PART("resources", 8, requirements),
    PARTS("volumeMounts", 9, mount),
    PART("livenessProbe", 10, probe),
    PART("readinessProbe", 11, probe),
    PART("lifecycle", 12, lifecycle),
    ONE("terminationMessagePath", 13, TEXT),
    ONE("imagePullPolicy", 14, TEXT),
    ONE("stdin", 16, BOOL),
    ONE("stdinOnce", 17, BOOL),
    ONE("tty", 18, BOOL),
    PARTS("envFrom", 19, env_from),
    OPTIONAL_PART("securityContext", 15, security_context),
    ONE("terminationMessagePolicy", 20, TEXT),
    PART("startupProbe", 22, probe),
    ONE("restartPolicy", 24, TEXT),
    PARTS("restartPolicyRules", 25, restart_rule),
};
static const struct pbform_message container = MESSAGE(container_rows);

static const struct pbform_row ephemeral_container_rows[] = {
    PART(NULL, 1, container),
    ONE("targetContainerName", 2, TEXT),
};
static const struct pbform_message ephemeral_container = MESSAGE(ephemeral_container_rows);

static const struct pbform_row toleration_rows[] = {
    ONE("key", 1, TEXT),
    ONE("operator", 2, TEXT),
    ONE("value", 3, TEXT),
    ONE("effect", 4, TEXT),
    OPTIONAL("tolerationSeconds", 5, NUMBER),
};
static const struct pbform_message toleration = MESSAGE(toleration_rows);

/* The terms of a required affinity are not written, only that there are some. */
static const struct pbform_row node_affinity_rows[] = {
    OPTIONAL_PART("requiredDuringSchedulingIgnoredDuringExecution", 1, required_affinity),
};
static const struct pbform_message node_affinity = MESSAGE(node_affinity_rows);

static const struct pbform_row affinity_rows[] = {
    OPTIONAL_PART("nodeAffinity", 1, node_affinity),
};
static const struct pbform_message affinity = MESSAGE(affinity_rows);

static const struct pbform_row readiness_gate_rows[] = {
    ONE("conditionType", 1, TEXT),
};
static const struct pbform_message readiness_gate = MESSAGE(readiness_gate_rows);

static const struct pbform_row pod_spec_rows[] = {
    PARTS("volumes", 1, volume),
    PARTS("containers", 2, container),
    ONE("restartPolicy", 3, TEXT),
    OPTIONAL("terminationGracePeriodSeconds", 4, NUMBER),
    OPTIONAL("activeDeadlineSeconds", 5, NUMBER),
    ONE("dnsPolicy", 6, TEXT),
    ONE("nodeSelector", 7, TEXTS),
    ONE("serviceAccountName", 8, TEXT),
    ONE("serviceAccount", 9, TEXT),
    ONE("nodeName", 10, TEXT),
    ONE("hostNetwork", 11, BOOL),
    PART("securityContext", 14, pod_security),
    OPTIONAL_PART("affinity", 18, affinity),
    ONE("hostname", 16, TEXT),
    ONE("subdomain", 17, TEXT),
    ONE("schedulerName", 19, TEXT),
    PARTS("initContainers", 20, container),
    OPTIONAL("automountServiceAccountToken", 21, BOOL),
    PARTS("tolerations", 22, toleration),
    ONE("priorityClassName", 24, TEXT),
    OPTIONAL("priority", 25, NUMBER),
    PARTS("readinessGates", 28, readiness_gate),
    ONE("runtimeClassName", 29, TEXT),
    OPTIONAL("enableServiceLinks", 30, BOOL),
    ONE("preemptionPolicy", 31, TEXT),
    ONE("overhead", 32, AMOUNTS),
    PARTS("ephemeralContainers", 34, ephemeral_container),
    OPTIONAL("hostUsers", 37, BOOL),
    PARTS("schedulingGates", 38, pbform_name_only),
    PART("resources", 40, requirements),
};
const struct pbform_message pbform_pod_spec = MESSAGE(pod_spec_rows);

static const struct pbform_row condition_rows[] = {
    ONE("type", 1, TEXT),
    ONE("status", 2, TEXT),
    ONE("lastProbeTime", 3, TIME),
    ONE("lastTransitionTime", 4, TIME),
    ONE("reason", 5, TEXT),
    ONE("message", 6, TEXT),
    ONE("observedGeneration", 7, NUMBER),
};
static const struct pbform_message condition = MESSAGE(condition_rows);

static const struct pbform_row waiting_rows[] = {
    ONE("reason", 1, TEXT),
    ONE("message", 2, TEXT),
};
static const struct pbform_message waiting = MESSAGE(waiting_rows);

static const struct pbform_row running_rows[] = {
    ONE("startedAt", 1, TIME),
};
static const struct pbform_message running = MESSAGE(running_rows);

static const struct pbform_row terminated_rows[] = {
    ONE("exitCode", 1, NUMBER),  ONE("signal", 2, NUMBER),  ONE("reason", 3, TEXT),
    ONE("message", 4, TEXT),     ONE("startedAt", 5, TIME), ONE("finishedAt", 6, TIME),
    ONE("containerID", 7, TEXT),
};
static const struct pbform_message terminated = MESSAGE(terminated_rows);

static const struct pbform_row state_rows[] = {
    PART("waiting", 1, waiting),
    PART("running", 2, running),
    PART("terminated", 3, terminated),
};
static const struct pbform_message state = MESSAGE(state_rows);

static const struct pbform_row container_status_rows[] = {
    ONE("name", 1, TEXT),
    PART("state", 2, state),
    PART("lastState", 3, state),
    ONE("ready", 4, BOOL),
    ONE("restartCount", 5, NUMBER),
    ONE("image", 6, TEXT),
    ONE("imageID", 7, TEXT),
    ONE("containerID", 8, TEXT),
    ONE("started", 9, BOOL),
    ONE("allocatedResources", 10, AMOUNTS),
    PART("resources", 11, requirements),
};
static const struct pbform_message container_status = MESSAGE(container_status_rows);

static const struct pbform_row pod_ip_rows[] = {
    ONE("ip", 1, TEXT),
};
static const struct pbform_message pod_ip = MESSAGE(pod_ip_rows);

static const struct pbform_row pod_status_rows[] = {
    ONE("phase", 1, TEXT),
    PARTS("conditions", 2, condition),
    ONE("message", 3, TEXT),
    ONE("reason", 4, TEXT),
    ONE("hostIP", 5, TEXT),
    ONE("podIP", 6, TEXT),
    ONE("startTime", 7, TIME),
    PARTS("containerStatuses", 8, container_status),
    ONE("qosClass", 9, TEXT),
    PARTS("initContainerStatuses", 10, container_status),
    ONE("nominatedNodeName", 11, TEXT),
    PARTS("podIPs", 12, pod_ip),
    PARTS("ephemeralContainerStatuses", 13, container_status),
    PARTS("hostIPs", 16, pod_ip),
    ONE("observedGeneration", 17, NUMBER),
    ONE("allocatedResources", 19, AMOUNTS),
    PART("resources", 20, requirements),
};
static const struct pbform_message pod_status = MESSAGE(pod_status_rows);

static const struct pbform_row pod_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("spec", 2, pbform_pod_spec),
    PART("status", 3, pod_status),
};
const struct pbform_message pbform_pod = MESSAGE(pod_rows);

static const struct pbform_row reference_rows[] = {
    ONE("kind", 1, TEXT),      ONE("namespace", 2, TEXT),  ONE("name", 3, TEXT),
    ONE("uid", 4, TEXT),       ONE("apiVersion", 5, TEXT), ONE("resourceVersion", 6, TEXT),
    ONE("fieldPath", 7, TEXT),
};
static const struct pbform_message reference = MESSAGE(reference_rows);

static const struct pbform_row event_source_rows[] = {
    ONE("component", 1, TEXT),
    ONE("host", 2, TEXT),
};
static const struct pbform_message event_source = MESSAGE(event_source_rows);

static const struct pbform_row series_rows[] = {
    ONE("count", 1, NUMBER),
    ONE("lastObservedTime", 2, TIME),
};
static const struct pbform_message series = MESSAGE(series_rows);

static const struct pbform_row event_rows[] = {
    PART("metadata", 1, pbform_object_meta),
    PART("involvedObject", 2, reference),
    ONE("reason", 3, TEXT),
    ONE("message", 4, TEXT),
    PART("source", 5, event_source),
    ONE("firstTimestamp", 6, TIME),
    ONE("lastTimestamp", 7, TIME),
    ONE("count", 8, NUMBER),
    ONE("type", 9, TEXT),
    ONE("eventTime", 10, TIME),
    PART("series", 11, series),
    ONE("action", 12, TEXT),
    PART("related", 13, reference),
    ONE("reportingComponent", 14, TEXT),
    ONE("reportingInstance", 15, TEXT),
};
const struct pbform_message pbform_event = MESSAGE(event_rows);

static const struct pbform_row list_meta_rows[] = {
    ONE("selfLink", 1, TEXT),
    ONE("resourceVersion", 2, TEXT),
    ONE("continue", 3, TEXT),
    ONE("remainingItemCount", 4, NUMBER),
};
const struct pbform_message pbform_list_meta = MESSAGE(list_meta_rows);

static const struct pbform_row cause_rows[] = {
    ONE("reason", 1, TEXT),
    ONE("message", 2, TEXT),
    ONE("field", 3, TEXT),
};
static const struct pbform_message cause = MESSAGE(cause_rows);

static const struct pbform_row details_rows[] = {
    ONE("name", 1, TEXT),
    ONE("group", 2, TEXT),
    ONE("kind", 3, TEXT),
    PARTS("causes", 4, cause),
    ONE("retryAfterSeconds", 5, NUMBER),
    ONE("uid", 6, TEXT),
};
static const struct pbform_message details = MESSAGE(details_rows);

static const struct pbform_row status_rows[] = {
    PART("metadata", 1, pbform_list_meta),
    ONE("status", 2, TEXT),
    ONE("message", 3, TEXT),
    ONE("reason", 4, TEXT),
    PART("details", 5, details),
    ONE("code", 6, NUMBER),
};
const struct pbform_message pbform_status = MESSAGE(status_rows);
