/* What a dealer group does: a key once, then build, sign and, for many packs, an index. */
#include "base/clock.h"
#include "pack/registry.h"
#include "plugin/pack_build.h"
#include "verbs/pack.h"
#include "verbs/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* ---- keys */

/* Never over a file that is there: a lost signing key cannot be had again. */
static int write_new(const char *path, const fc_buf *b, int mode, fc_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    int ok = fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len && fsync(fd) == 0;
    if (!ok) fc_fail(err, FC_EIO, "%s: 无法新建：%m", "%s: cannot be made: %m", path);
    if (fd >= 0) close(fd);
    return ok ? FC_OK : err->code;
}

static int write_pair(const fc_sign_secret *s, const char *name, const char *password, fc_err *err)
{
    char path[PATH_MAX], id[FC_SIGN_ID_HEX];
    fc_sign_public p;
    fc_buf secret = {0}, text = {0};
    fc_sign_public_of(s, &p);
    fc_sign_id(p.id, id);
    int rc = fc_sign_secret_write(s, password, &secret, err);
    snprintf(path, sizeof path, "%s.key", name);
    if (!rc) rc = write_new(path, &secret, 0600, err);
    fc_buf_addf(&text, "untrusted comment: minisign public key %s\n", id);
    size_t head = text.len;
    fc_sign_public_line(&p, &text);
    fc_buf_addc(&text, '\n');
    snprintf(path, sizeof path, "%s.pub", name);
    if (!rc) rc = write_new(path, &text, 0644, err);
    if (!rc)
        printf(fc_say("私钥 %s.key（请妥善保管并备份），公钥 %s.pub，编号 %s\n经销店信任它：forecourt pack "
                      "trust %.*s --namespace 你的前缀\n",
                      "secret key %s.key (keep it safe, and a copy of it elsewhere), public key %s.pub, id "
                      "%s\nDealers trust it "
                      "with: forecourt pack trust %.*s --namespace YOUR-PREFIX\n"),
               name, name, id, (int)(text.len - head - 1), text.data + head);
    if (secret.data) sodium_memzero(secret.data, secret.len);
    fc_buf_free(&secret);
    fc_buf_free(&text);
    return rc;
}

int fc_pack_verb_key(int argc, char **argv)
{
    const char *file = NULL, *none = NULL;
    const fc_option options[] = {{"password-file", "F", "私钥的密码（- 表示标准输入；默认在终端询问）",
                                  "password of the secret key (- is standard input; default: asked)", &file},
                                 {"no-password", NULL, "私钥不加密（只适合受保护的机器）",
                                  "the secret key is not encrypted (for guarded machines only)", &none},
                                 {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {
        "pack key",
        "new [NAME]",
        "新建签名密钥：NAME.key 和 NAME.pub（默认 publisher），格式与 minisign 相同。",
        "Makes a signing key: NAME.key and NAME.pub (default publisher), in minisign's format.",
        options,
        0};
    char password[300] = "";
    fc_sign_secret *s = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv), rc = FC_OK;
    if (code >= 0) return code;
    if (argc < 2 || argc > 3 || strcmp(argv[1], "new") != 0) return fc_wrong_use(&u, "需要 new", "needs new");
    if (!none) rc = fc_read_password(file, password, sizeof password, &err);
    if (!rc) rc = fc_sign_new(&s, &err);
    if (!rc) rc = write_pair(s, argc > 2 ? argv[2] : "publisher", password, &err);
    sodium_memzero(password, sizeof password);
    fc_sign_free(s);
    return rc ? fc_failed(&err) : 0;
}

static int ask_password(char *out, size_t cap, fc_err *err)
{
    struct termios old, quiet;
    if (!isatty(0))
        return fc_fail(err, FC_EINVAL, "私钥有密码：用 --password-file F（- 表示标准输入）",
                       "the secret key has a password: use --password-file F (- is standard input)");
    fprintf(stderr, "%s", fc_say("私钥的密码：", "password of the secret key: "));
    tcgetattr(0, &old);
    quiet = old;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    tcsetattr(0, TCSAFLUSH, &quiet);
    int got = fgets(out, (int)cap, stdin) != NULL;
    tcsetattr(0, TCSAFLUSH, &old);
    fputc('\n', stderr);
    if (got) out[strcspn(out, "\r\n")] = 0;
    return FC_OK;
}

/* Reads a secret key's file; asks for its password on the terminal unless a file has it. */
static int read_secret(const char *path, const char *password_file, fc_sign_secret **out, fc_err *err)
{
    fc_buf text = {0};
    char password[300] = "";
    *out = NULL;
    int rc = fc_read_file(path, 4096, &text, err);
    if (!rc && fc_sign_secret_locked(fc_buf_str(&text)))
        rc = password_file ? fc_read_password(password_file, password, sizeof password, err)
                           : ask_password(password, sizeof password, err);
    if (!rc && (rc = fc_sign_secret_parse(fc_buf_str(&text), password, out, err))) fc_wrap(err, path);
    sodium_memzero(password, sizeof password);
    if (text.data) sodium_memzero(text.data, text.len);
    fc_buf_free(&text);
    return rc;
}

/* ---- build */

static int write_pack(const fc_archive *a, const char *to, fc_err *err)
{
    struct stat st;
    fc_buf path = {0};
    if (to && !(stat(to, &st) == 0 && S_ISDIR(st.st_mode)))
        fc_buf_adds(&path, to);
    else
        fc_buf_addf(&path, "%s%s%s-%s.pack", to ? to : "", to ? "/" : "", a->index->id, a->index->version);
    int rc = fc_write_file(path.data, a->data.data, a->data.len, 0644, err);
    if (!rc) printf("%s\n", path.data);
    fc_buf_free(&path);
    return rc;
}

int fc_pack_verb_build(int argc, char **argv)
{
    const char *to = NULL, *seq = NULL;
    const fc_option options[] = {{"to", "FILE", "写到哪里：文件或文件夹（默认 ID-版本.pack）",
                                  "where to: a file or a folder (default ID-VERSION.pack)", &to},
                                 {"seq", "N", "序号，只能越来越大（默认由版本得出）",
                                  "sequence, must grow (default: follows from the version)", &seq},
                                 {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {
        "pack build",
        "FOLDER",
        "把插件文件夹做成 .pack 文件：内容相同则字节相同。打印文件名。",
        "Makes a .pack file of a plugin's folder: the same content gives the same bytes. Prints its name.",
        options,
        0};
    char *end = NULL;
    fc_archive *a;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2) return fc_wrong_use(&u, "需要一个插件文件夹", "needs one folder of a plugin");
    long long n = seq ? strtoll(seq, &end, 10) : 0;
    if (seq && (*end || n < 1 || n > 999999999999999999))
        return fc_wrong_use(&u, "--seq 应是正整数", "--seq should be a positive integer");
    int rc = fc_pack_build(argv[1], n, &a, &err);
    if (!rc) {
        rc = write_pack(a, to, &err);
        fc_archive_free(a);
    }
    return rc ? fc_failed(&err) : 0;
}

/* ---- sign */

static int signed_copy(const fc_archive *a, const fc_sign_secret *key, const char *expires, fc_buf *out,
                       fc_err *err)
{
    fc_claims c = {.seq = a->index->seq};
    fc_buf comment = {0}, text = {0};
    snprintf(c.id, sizeof c.id, "%s", a->index->id);
    snprintf(c.version, sizeof c.version, "%s", a->index->version);
    snprintf(c.expires, sizeof c.expires, "%s", expires ? expires : "");
    fc_claims_write(&c, &comment);
    int rc = fc_sign(key, a->index_text, a->index_len, comment.data, &text, err);
    if (!rc) fc_archive_write(a->index, a->bodies, text.data, out);
    fc_buf_free(&comment);
    fc_buf_free(&text);
    return rc;
}

static int sign_one(const char *path, const fc_sign_secret *key, const char *expires, fc_err *err)
{
    fc_archive *a;
    fc_buf out = {0};
    char id[FC_SIGN_ID_HEX];
    fc_sign_public p;
    int rc = fc_archive_read(path, &a, err);
    if (rc) return rc;
    rc = signed_copy(a, key, expires, &out, err);
    if (!rc) rc = fc_write_file(path, out.data, out.len, 0644, err);
    fc_sign_public_of(key, &p);
    fc_sign_id(p.id, id);
    if (!rc)
        printf(fc_say("%s: 已签名（%s %s，序号 %lld，密钥 %s）\n", "%s: signed (%s %s, seq %lld, key %s)\n"),
               path, a->index->id, a->index->version, (long long)a->index->seq, id);
    fc_buf_free(&out);
    fc_archive_free(a);
    return rc;
}

int fc_pack_verb_sign(int argc, char **argv)
{
    const char *key = NULL, *file = NULL, *expires = NULL;
    const fc_option options[] = {
        {"key", "FILE", "私钥文件（默认 publisher.key）", "secret key's file (default publisher.key)", &key},
        {"password-file", "F", "私钥的密码", "password of the secret key", &file},
        {"expires", "DAY", "此日之后不能再安装，如 2027-12-31",
         "not to be installed after this day, like 2027-12-31", &expires},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack sign",
                        "PACK ...",
                        "给包签名：签名写在包里，minisign 也能验证。",
                        "Signs packs: the signature goes into the pack; minisign verifies it, too.",
                        options,
                        0};
    int64_t day;
    fc_sign_secret *s = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc < 2) return fc_wrong_use(&u, "需要 .pack 文件", "needs .pack files");
    if (expires && fc_day_parse(expires, &day))
        return fc_wrong_use(&u, "--expires 应是日期", "--expires should be a day");
    int rc = read_secret(key ? key : "publisher.key", file, &s, &err);
    for (int i = 1; i < argc && !rc; i++)
        rc = sign_one(argv[i], s, expires, &err);
    fc_sign_free(s);
    return rc ? fc_failed(&err) : 0;
}

/* ---- index */

static int add_entry(json_t *list, const char *dir, const char *file, fc_err *err)
{
    char path[PATH_MAX];
    fc_archive *a;
    fc_source *s = NULL;
    snprintf(path, sizeof path, "%s/%s", dir, file);
    int rc = fc_archive_read(path, &a, err);
    if (rc) return rc;
    rc = fc_pack_source(a, &s, err);
    if (!rc && !a->signature)
        rc = fc_fail(err, FC_EINVAL, "%s: 没有签名：先用 forecourt pack sign",
                     "%s: is not signed: use forecourt pack sign first", path);
    if (!rc) {
        json_t *needs = json_object_get(s->manifest, "needs");
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s, s:s, s:I, s:o}", "id", a->index->id,
                                              "version", a->index->version, "seq", (json_int_t)a->index->seq,
                                              "hash", a->hash, "file", file, "size", (json_int_t)a->data.len,
                                              "needs", needs ? json_incref(needs) : json_object()));
    }
    fc_source_unref(s);
    fc_archive_free(a);
    return rc;
}

static int ends_with_pack(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 5 && d->d_name[0] != '.' && strcmp(d->d_name + n - 5, ".pack") == 0;
}

static int collect(const char *dir, json_t *list, fc_err *err)
{
    struct dirent **names;
    int n = scandir(dir, &names, ends_with_pack, alphasort), rc = FC_OK;
    if (n < 0) return fc_fail(err, FC_ENOTFOUND, "%s: 无法读取：%m", "%s: cannot be read: %m", dir);
    for (int i = 0; i < n; i++) {
        if (!rc) rc = add_entry(list, dir, names[i]->d_name, err);
        free(names[i]);
    }
    free(names);
    if (!rc && json_array_size(list) == 0)
        rc = fc_fail(err, FC_ENOTFOUND, "%s: 里面没有 .pack 文件", "%s: there is no .pack file in it", dir);
    return rc;
}

/* One more than the index that is there; without one it begins with 1. */
static int64_t next_number(const char *dir, const fc_sign_public *key, fc_err *err)
{
    char path[PATH_MAX];
    fc_registry *r;
    snprintf(path, sizeof path, "%s/index.json", dir);
    if (access(path, F_OK) != 0) return 1;
    if (fc_registry_open(dir, NULL, key, &r, err)) return 0;
    int64_t n = r->number + 1;
    fc_registry_free(r);
    return n;
}

static int write_index(const char *dir, const json_t *body, const fc_sign_secret *s, fc_err *err)
{
    char path[PATH_MAX];
    fc_buf text = {0}, signature = {0};
    int rc = fc_registry_sign(body, s, &text, &signature, err);
    snprintf(path, sizeof path, "%s/index.json.minisig", dir);
    if (!rc) rc = fc_write_file(path, signature.data, signature.len, 0644, err);
    snprintf(path, sizeof path, "%s/index.json", dir);
    if (!rc) rc = fc_write_file(path, text.data, text.len, 0644, err);
    fc_buf_free(&text);
    fc_buf_free(&signature);
    return rc;
}

static int make_index(const char *dir, const char *name, int days, int64_t number, const fc_sign_secret *s,
                      fc_err *err)
{
    fc_sign_public p;
    char expires[11];
    json_t *list = json_array();
    fc_sign_public_of(s, &p);
    fc_day_from_now(days, expires);
    int rc = collect(dir, list, err);
    if (!rc && !number) number = next_number(dir, &p, err);
    if (!rc && !number) rc = err->code;
    if (!rc) {
        json_t *body = json_pack("{s:s, s:I, s:s, s:O}", "name", name, "number", (json_int_t)number,
                                 "expires", expires, "packs", list);
        rc = write_index(dir, body, s, err);
        json_decref(body);
    }
    if (!rc)
        printf(fc_say("%s/index.json: 索引 %s 第 %lld 号，%zu 个包，有效至 %s\n",
                      "%s/index.json: index %s number %lld, %zu packs, good until %s\n"),
               dir, name, (long long)number, json_array_size(list), expires);
    json_decref(list);
    return rc;
}

int fc_pack_verb_index(int argc, char **argv)
{
    const char *key = NULL, *file = NULL, *name = NULL, *days = "365", *number = "0";
    const fc_option options[] = {
        {"name", "NAME", "索引的名字（必须给出，以后一直不变）",
         "name of the index (needed: it stays the same for ever)", &name},
        {"key", "FILE", "私钥文件（默认 publisher.key）", "secret key's file (default publisher.key)", &key},
        {"password-file", "F", "私钥的密码", "password of the secret key", &file},
        {"days", "N", "有效天数（默认 365）", "good for so many days (default 365)", &days},
        {"number", "N", "编号（默认比现有的大 1）", "number (default: one more than the one there)", &number},
        {NULL, NULL, NULL, NULL, NULL}};
    const fc_usage u = {"pack index",
                        "FOLDER",
                        "为文件夹里的包做签名的索引；把文件夹放到任何网站、共享或 U 盘上。",
                        "Makes a signed index of the packs in a folder; put the folder on any web server, "
                        "share or USB stick.",
                        options,
                        0};
    fc_sign_secret *s = NULL;
    fc_err err;
    int code = fc_options(&u, &argc, argv);
    if (code >= 0) return code;
    if (argc != 2) return fc_wrong_use(&u, "需要一个文件夹", "needs one folder");
    if (!name || !fc_pack_id_ok(name))
        return fc_wrong_use(&u, "需要 --name（小写字母、数字和 -）",
                            "needs --name (lower-case letters, digits and -)");
    if (atoi(days) < 1 || atoi(days) > 36500 || atoll(number) < 0)
        return fc_wrong_use(&u, "天数或编号不对", "wrong number of days or wrong number");
    int rc = read_secret(key ? key : "publisher.key", file, &s, &err);
    if (!rc) rc = make_index(argv[1], name, atoi(days), atoll(number), s, &err);
    fc_sign_free(s);
    return rc ? fc_failed(&err) : 0;
}
