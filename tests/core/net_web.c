/* Whom a request may reach: names, addresses, headers. What needs a server stands in tests/fault/cases/http.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/address.h"
#include "net/web.h"
#include "net/web_host.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_public(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return fc_address_public((const struct sockaddr *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return fc_address_public((const struct sockaddr *)&six);
}

static void addresses_of_the_house_and_of_nobody(void **state)
{
    (void)state;
    static const char *const open[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.1",       "169.253.255.255", "169.255.0.0",     "172.15.255.255",
        "172.32.0.0",      "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "2400:3200::1",    "2606:4700::1111", "2001:4860::8888", "2001:200::1"};
    static const char *const closed[] = {"0.0.0.0",
                                         "0.1.2.3",
                                         "10.0.0.1",
                                         "10.255.255.255",
                                         "100.64.0.1",
                                         "100.127.255.255",
                                         "127.0.0.1",
                                         "127.255.255.254",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.0.0.1",
                                         "192.0.2.1",
                                         "192.88.99.1",
                                         "192.168.0.1",
                                         "192.168.255.255",
                                         "198.18.0.1",
                                         "198.19.255.255",
                                         "198.51.100.7",
                                         "203.0.113.7",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::ffff:8.8.8.8",
                                         "::ffff:127.0.0.1",
                                         "::8.8.8.8",
                                         "64:ff9b::808:808",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:db8::1",
                                         "2002:7f00:1::",
                                         "3fff::1",
                                         "fc00::1",
                                         "fd00:ec2::254",
                                         "fe80::1",
                                         "fec0::1",
                                         "ff02::1",
                                         "4000::1"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (!is_public(open[i])) fail_msg("%s is open", open[i]);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (is_public(closed[i])) fail_msg("%s is closed", closed[i]);
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_false(fc_address_public(&local));
}

static void names_as_a_manifest_writes_them(void **state)
{
    (void)state;
    static const char *const good[] = {"sms.example.cn", "api.example.com:8443", "*.example.com",
                                       "dms:8080",       "*.example.com:444",    "xn--fiqs8s.cn",
                                       "1a.2b"};
    static const char *const bad[] = {"",
                                      ".",
                                      "*",
                                      "*.",
                                      "*.cn",
                                      "*.*.cn",
                                      "a.*.cn",
                                      "Sms.example.cn",
                                      "sms.example.cn:",
                                      "sms.example.cn:0",
                                      "sms.example.cn:080",
                                      "sms.example.cn:65536",
                                      "sms.example.cn:1:2",
                                      "sms..cn",
                                      ".cn",
                                      "cn.",
                                      "-a.cn",
                                      "a-.cn",
                                      "a b.cn",
                                      "a_b.cn",
                                      "https://a.cn",
                                      "a.cn/x",
                                      "u@a.cn",
                                      "127.0.0.1",
                                      "127.1",
                                      "2130706433",
                                      "0x7f.1:80",
                                      "[::1]",
                                      "::1",
                                      "a.cn:44 3",
                                      "\xE5\xBA\x97.cn"};
    fc_err err;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (fc_web_host_check(good[i], &err)) fail_msg("%s: %s", good[i], err.text[FC_EN]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!fc_web_host_check(bad[i], &err)) fail_msg("'%s'", bad[i]);
}

static void which_server_an_entry_means(void **state)
{
    (void)state;
    assert_true(fc_web_host_fits("a.cn", "a.cn", 443));
    assert_false(fc_web_host_fits("a.cn", "a.cn", 80));
    assert_false(fc_web_host_fits("a.cn", "b.a.cn", 443));
    assert_false(fc_web_host_fits("a.cn", "a.cnn", 443));
    assert_false(fc_web_host_fits("a.cn", "a.c", 443));
    assert_true(fc_web_host_fits("a.cn:81", "a.cn", 81));
    assert_false(fc_web_host_fits("a.cn:81", "a.cn", 443));
    assert_true(fc_web_host_fits("*.a.cn", "b.a.cn", 443));
    assert_false(fc_web_host_fits("*.a.cn", "a.cn", 443));
    assert_false(fc_web_host_fits("*.a.cn", ".a.cn", 443));
    assert_false(fc_web_host_fits("*.a.cn", "c.b.a.cn", 443));
    assert_false(fc_web_host_fits("*.a.cn", "xa.cn", 443));
    assert_false(fc_web_host_fits("*.a.cn", "b.a.cn.evil.cn", 443));
}

static void what_the_site_names(void **state)
{
    (void)state;
    fc_err err;
    const char *address;
    json_t *list = json_pack("[s]", "dms.local:8080"),
           *map = json_pack("{s:s, s:b}", "dms.local:8080", "10.0.0.7", "erp", 1),
           *bad[] = {json_pack("[s]", "*.local"),        json_pack("[i]", 1),
                     json_pack("[s]", "10.0.0.7"),       json_pack("{s:s}", "dms.local", "elsewhere.cn"),
                     json_pack("{s:i}", "dms.local", 1), json_string("dms.local")};
    assert_int_equal(fc_web_internal_check(NULL, &err), 0);
    assert_int_equal(fc_web_internal_check(list, &err), 0);
    assert_int_equal(fc_web_internal_check(map, &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fc_web_internal_check(bad[i], &err), FC_EINVAL);
        json_decref(bad[i]);
    }
    assert_true(fc_web_host_internal(list, "dms.local", 8080, &address));
    assert_null(address);
    assert_true(fc_web_host_internal(map, "dms.local", 8080, &address));
    assert_string_equal(address, "10.0.0.7");
    assert_true(fc_web_host_internal(map, "erp", 443, &address));
    assert_null(address);
    assert_false(fc_web_host_internal(map, "dms.local", 8081, &address));
    assert_false(fc_web_host_internal(NULL, "dms.local", 8080, &address));
    json_decref(list);
    json_decref(map);
}

static enum fc_web_code judged(const char *url, const char *bound)
{
    json_t *hosts = json_pack("[s, s, s]", "sms.example.cn", "*.api.example.com:8443", "dms.local:8080"),
           *internal = json_pack("[s]", "dms.local:8080");
    fc_web *w = fc_web_new("GET", url, 1000, hosts, internal);
    if (bound) fc_web_bind(w, bound);
    enum fc_web_code code = fc_web_judge(w);
    fc_err err;
    assert_int_equal(fc_web_result(w, &err), code);
    if (code) assert_true(*err.text[FC_ZH] && *err.text[FC_EN]);
    fc_web_free(w);
    json_decref(hosts);
    json_decref(internal);
    return code;
}

static void where_a_request_may_go(void **state)
{
    (void)state;
    static const char *const good[] = {"https://sms.example.cn/send?to=1", "https://SMS.Example.CN:443/",
                                       "https://a.api.example.com:8443/x", "http://dms.local:8080/",
                                       "https://dms.local:8080/"};
    static const char *const bad[] = {"http://sms.example.cn/",
                                      "http://sms.example.cn:443/",
                                      "https://sms.example.cn:8443/",
                                      "https://sms.example.cn.evil.cn/",
                                      "https://evil.cn/sms.example.cn",
                                      "https://sms.example.cn@evil.cn/",
                                      "https://evil.cn#@sms.example.cn/",
                                      "https://evil.cn\\@sms.example.cn/",
                                      "https://user@sms.example.cn/",
                                      "https://u:p@sms.example.cn/",
                                      "https://a.b.api.example.com:8443/",
                                      "https://api.example.com:8443/",
                                      "file:///etc/passwd",
                                      "ftp://sms.example.cn/",
                                      "gopher://sms.example.cn/",
                                      "sms.example.cn/send",
                                      "",
                                      "https://",
                                      "https:///x",
                                      "https://sms.example.cn./",
                                      "https://sms.example.cn /",
                                      "https://sms.example.cn\n/",
                                      "https://sms.example.cn/\r\nX: 1",
                                      "https://sms%2Eexample.cn:1/",
                                      "http://dms.local/",
                                      "unix:/x"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (judged(good[i], NULL)) fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (judged(bad[i], NULL) != FC_WEB_DENIED) fail_msg("%s", bad[i]);
}

static void this_machine_in_sixteen_spellings(void **state)
{
    (void)state;
    static const char *const spelt[] = {"127.0.0.1",
                                        "127.1",
                                        "127.0.1",
                                        "2130706433",
                                        "0x7f000001",
                                        "0x7f.1",
                                        "0177.0.0.1",
                                        "017700000001",
                                        "0x7f.0x0.0x0.0x1",
                                        "127.0.0.1.",
                                        "0.0.0.0",
                                        "0",
                                        "[::1]",
                                        "[::ffff:127.0.0.1]",
                                        "[::ffff:7f00:1]",
                                        "\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1"};
    for (size_t i = 0; i < sizeof spelt / sizeof *spelt; i++) {
        char url[200];
        snprintf(url, sizeof url, "https://%s/", spelt[i]);
        if (judged(url, NULL) != FC_WEB_DENIED) fail_msg("%s", url);
    }
}

static void a_secret_is_for_one_server(void **state)
{
    (void)state;
    assert_int_equal(judged("https://sms.example.cn/", "sms.example.cn"), FC_WEB_OK);
    assert_int_equal(judged("https://a.api.example.com:8443/", "sms.example.cn"), FC_WEB_DENIED);
    assert_int_equal(judged("http://dms.local:8080/", "sms.example.cn"), FC_WEB_DENIED);
    assert_int_equal(judged("https://sms.example.cn/", ""), FC_WEB_DENIED);
}

static int header(const char *name, const char *value)
{
    fc_err err;
    fc_web *w = fc_web_new("GET", "https://sms.example.cn/", 1000, NULL, NULL);
    int rc = fc_web_header(w, name, value, strlen(value), &err);
    fc_web_free(w);
    return rc;
}

static void headers_hold_no_second_request(void **state)
{
    (void)state;
    assert_int_equal(header("X-Id", "7"), 0);
    assert_int_equal(header("X-Empty", ""), 0);
    assert_int_equal(header("X-Name", "\xE5\xBA\x97"), 0);
    static const char *const names[] = {
        "",           "X Id",   "X:",      "X\r\nY",       "Host", "content-length", "Transfer-Encoding",
        "connection", "Expect", "Upgrade", "X\xE5\xBA\x97"};
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x01", "a\x7F"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (header(names[i], "v") != FC_EINVAL) fail_msg("name %zu", i);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (header("X-Id", values[i]) != FC_EINVAL) fail_msg("value %zu", i);
}

static void one_that_nobody_waits_for_is_not_begun(void **state)
{
    (void)state;
    json_t *hosts = json_pack("[s]", "sms.example.cn");
    fc_web *w = fc_web_new("GET", "https://sms.example.cn/", 1000, hosts, NULL);
    fc_web_abort(w);
    fc_web_run(w);
    assert_true(fc_web_aborted(w));
    assert_int_equal(fc_web_status(w), 0);
    fc_web_free(w);
    json_decref(hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_the_house_and_of_nobody),
        cmocka_unit_test(names_as_a_manifest_writes_them),
        cmocka_unit_test(which_server_an_entry_means),
        cmocka_unit_test(what_the_site_names),
        cmocka_unit_test(where_a_request_may_go),
        cmocka_unit_test(this_machine_in_sixteen_spellings),
        cmocka_unit_test(a_secret_is_for_one_server),
        cmocka_unit_test(headers_hold_no_second_request),
        cmocka_unit_test(one_that_nobody_waits_for_is_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
