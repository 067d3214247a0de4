/* What a recording must not hold. A word that no other text has is planted wherever a secret can stand;
 * it must not come out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/data/jarena.h"
#include "initwatch/source/redact.h"

#define PLANT "hunter2-Zq9xW7"

static void
assert_redacted(const char *text, const char *expected)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    bool changed = redact_text(text, strlen(text), &out);
    assert_string_equal(out.data, expected);
    assert_int_equal(changed, strcmp(text, expected) != 0);
}

static void
redact_text__hides_what_a_name_announces(void **state)
{
    (void)state;
    assert_redacted("password=" PLANT " ok", "password=(redacted) ok");
    assert_redacted("DB_PASSWORD: " PLANT, "DB_PASSWORD: (redacted)");
    assert_redacted("{\"token\":\"" PLANT "\",\"a\":1}", "{\"token\":\"(redacted)\",\"a\":1}");
    assert_redacted("{\\\"secret\\\":\\\"" PLANT "\\\"}", "{\\\"secret\\\":\\\"(redacted)\\\"}");
    assert_redacted("secret='two words " PLANT "' x", "secret='(redacted)' x");
    assert_redacted("mysql --password " PLANT " -h db", "mysql --password (redacted) -h db");
    assert_redacted("curl -H \"Authorization: Bearer " PLANT "\" http://x",
                    "curl -H \"Authorization: Bearer (redacted)\" http://x");
    assert_redacted("Authorization: Basic " PLANT, "Authorization: Basic (redacted)");
    assert_redacted("GET /?access_token=" PLANT "&b=1", "GET /?access_token=(redacted)&b=1");
    assert_redacted("export AWS_SECRET_ACCESS_KEY=" PLANT,
                    "export AWS_SECRET_ACCESS_KEY=(redacted)");
    assert_redacted("x-api-key: " PLANT ", next", "x-api-key: (redacted), next");
    assert_redacted("Pwd=" PLANT ";Server=db", "Pwd=(redacted);Server=db");
}

static void
redact_text__hides_what_looks_like_a_credential(void **state)
{
    (void)state;
    assert_redacted("postgres://app:" PLANT "@db:5432/shop",
                    "postgres://app:(redacted)@db:5432/shop");
    assert_redacted("https://" PLANT "@git.example/x", "https://(redacted)@git.example/x");
    assert_redacted("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_ end", "jwt (redacted) end");
    assert_redacted("key AKIAIOSFODNN7EXAMPLE.", "key (redacted)");
    assert_redacted("ghp_0123456789abcdefghij!", "(redacted)!");
    assert_redacted("-----BEGIN RSA PRIVATE KEY-----\n" PLANT "\n-----END RSA PRIVATE KEY-----",
                    "-----BEGIN RSA PRIVATE KEY(redacted)-----END RSA PRIVATE KEY-----");
    assert_redacted("-----BEGIN EC PRIVATE KEY-----\n" PLANT,
                    "-----BEGIN EC PRIVATE KEY(redacted)");
}

/* What explains a start-up stays as it is. */
static void
redact_text__leaves_the_rest_alone(void **state)
{
    static const char *const texts[] = {
        "",
        "Error: secret \"db-password\" not found",
        "MountVolume.SetUp failed for volume \"token\" : secret \"api-token\" not found",
        "FATAL: password authentication failed for user \"app\"",
        "couldn't find key password in Secret shop/db",
        "Pulling image \"registry.example/team/token:1.2\"",
        "Back-off restarting failed container migrate in pod crash_shop(365117c4-7909-4b4f)",
        "dial tcp 10.0.0.1:5432: connect: connection refused",
        "http://db.shop.svc:8080/healthz?x=a@b",
        "until nc -z db 5432; do echo waiting; sleep 2; done",
        "비밀번호가 틀렸습니다",
        "tokens: 4096 of secretaries: 3",
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
        "password=",
        "token:",
        "://",
        "eyJ",
        "Bearer x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_redacted(texts[i], texts[i]);
}

/* Every place of an object that can hold a secret, plain and inside of templates and watch events. */
static const char *const PLANTED[] = {
    "{\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"X\",\"value\":\"" PLANT
    "\"}]}]}}",
    "{\"spec\":{\"initContainers\":[{\"env\":[{\"name\":\"X\",\"value\":\"" PLANT "\"}]}]}}",
    "{\"spec\":{\"ephemeralContainers\":[{\"env\":[{\"name\":\"X\",\"value\":\"" PLANT "\"}]}]}}",
    "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"env\":[{\"value\":\"" PLANT "\"}]}]}}}}",
    "{\"type\":\"ADDED\",\"object\":{\"spec\":{\"containers\":[{\"env\":[{\"value\":\"" PLANT
    "\"}]}]}}}",
    "{\"metadata\":{\"annotations\":{\"vault/secret\":\"" PLANT "\"}}}",
    "{\"metadata\":{\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"{" PLANT
    "}\"}}}",
    "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"x\":\"" PLANT "\"}}}}}",
    "{\"metadata\":{\"managedFields\":[{\"fieldsV1\":{\"f:" PLANT "\":{}}}]}}",
    "{\"spec\":{\"containers\":[{\"args\":[\"--password\",\"" PLANT "\"]}]}}",
    "{\"spec\":{\"containers\":[{\"args\":[\"--db-password=" PLANT "\"]}]}}",
    "{\"spec\":{\"containers\":[{\"command\":[\"sh\",\"-c\",\"TOKEN=" PLANT " ./run\"]}]}}",
    "{\"spec\":{\"containers\":[{\"command\":[\"mysql\",\"--api-key\",\"" PLANT "\"]}]}}",
    "{\"spec\":{\"containers\":[{\"lifecycle\":{\"postStart\":{\"exec\":{\"command\":"
    "[\"curl\",\"https://u:" PLANT "@x\"]}}}}]}}",
    "{\"spec\":{\"containers\":[{\"livenessProbe\":{\"httpGet\":{\"httpHeaders\":"
    "[{\"name\":\"X\",\"value\":\"" PLANT "\"}]}}}]}}",
    "{\"spec\":{\"volumes\":[{\"csi\":{\"volumeAttributes\":{\"password\":\"" PLANT "\"}}}]}}",
    "{\"status\":{\"containerStatuses\":[{\"state\":{\"terminated\":{\"message\":\"secret=" PLANT
    "\"}}}]}}",
    "{\"status\":{\"containerStatuses\":[{\"lastState\":{\"terminated\":{\"message\":"
    "\"Authorization: Bearer " PLANT "\"}}}]}}",
    "{\"message\":\"failed: token=" PLANT "\",\"reason\":\"Failed\"}",
    "{\"note\":\"https://user:" PLANT "@registry/x\"}",
    "{\"kind\":\"Secret\",\"type\":\"Opaque\",\"data\":{\"k\":\"" PLANT "\"}}",
    "{\"kind\":\"Secret\",\"type\":\"Opaque\",\"stringData\":{\"k\":\"" PLANT "\"}}",
    "{\"kind\":\"ConfigMap\",\"data\":{\"k\":\"" PLANT "\"},\"binaryData\":{\"b\":\"" PLANT "\"}}",
    "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Secret\",\"data\":{\"k\":\"" PLANT "\"}}}",
};

static void
redact_object__leaves_no_planted_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(PLANTED) / sizeof(PLANTED[0]); i++) {
        json_t *root = NULL;
        assert_non_null(strstr(PLANTED[i], PLANT));
        assert_int_equal(jarena_parse(PLANTED[i], strlen(PLANTED[i]), &root, NULL), IW_OK);
        redact_object(root, strstr(PLANTED[i], "Secret\"") || strstr(PLANTED[i], "ConfigMap\""));
        char *out = json_dumps(root, JSON_COMPACT);
        if (strstr(out, PLANT))
            fail_msg("%s\nbecame %s", PLANTED[i], out);
        jarena_release();
    }
}

static void
redact_object__keeps_what_explains(void **state)
{
    static const char text[] =
        "{\"metadata\":{\"name\":\"token\",\"annotations\":{"
        "\"kubectl.kubernetes.io/default-container\":\"app\"},\"labels\":{\"app\":\"web\"}},"
        "\"spec\":{\"containers\":[{\"name\":\"secret\",\"image\":\"team/token:1.2\","
        "\"args\":[\"--password-file\",\"/run/pw\"],"
        "\"env\":[{\"name\":\"P\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":"
        "\"password\"}}}]}]}}";
    json_t *root = NULL;
    (void)state;
    assert_int_equal(jarena_parse(text, strlen(text), &root, NULL), IW_OK);
    redact_object(root, false);
    char *out = json_dumps(root, JSON_COMPACT);
    assert_string_equal(out, text);
    jarena_release();
}

/* Names of keys stay, and a Secret's value is still base64. */
static void
redact_object__keeps_the_keys_of_a_secret(void **state)
{
    static const char text[] = "{\"type\":\"Opaque\",\"data\":{\"user\":\"YQ==\",\"empty\":\"\"}}";
    json_t *root = NULL;
    (void)state;
    assert_int_equal(jarena_parse(text, strlen(text), &root, NULL), IW_OK);
    redact_object(root, true);
    char *out = json_dumps(root, JSON_COMPACT);
    assert_string_equal(
        out, "{\"type\":\"Opaque\",\"data\":{\"user\":\"KHJlZGFjdGVkKQ==\",\"empty\":\"\"}}");
    jarena_release();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redact_text__hides_what_a_name_announces),
        cmocka_unit_test(redact_text__hides_what_looks_like_a_credential),
        cmocka_unit_test(redact_text__leaves_the_rest_alone),
        cmocka_unit_test(redact_object__leaves_no_planted_secret),
        cmocka_unit_test(redact_object__keeps_what_explains),
        cmocka_unit_test(redact_object__keeps_the_keys_of_a_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
