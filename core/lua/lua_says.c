/* What Lua itself or the host says of a program, in Chinese, and in both languages what to do about it. Lua's
 * messages are English and short; an author who reads Chinese first should not have to guess. A message is
 * matched as a whole, so a plugin's own words are never touched. In a pattern % stands for the shortest text
 * that fits; in a sentence %1 .. %4 put in what was found. The first pattern that fits counts. */
#include "lua/internal.h"

#include <string.h>

#define MOST 4
#define LONGEST 900 /* a sentence of the store, and plugins in front of it */

static const struct {
    const char *pattern, *zh, *en; /* en: what is added to Lua's own words, or NULL */
} says[] = {
    {"attempt to index a % value (% '%')", "%2 '%3' 是 %1，没有字段可取：名称写对了吗？之前赋过值吗？",
     "is the name spelt right, and was it set before?"},
    {"attempt to index a % value", "%1 没有字段可取", NULL},
    {"attempt to call a % value (% '%')", "%2 '%3' 是 %1，不能调用：名称写对了吗？",
     "is the name spelt right?"},
    {"attempt to call a % value", "%1 不能调用：前面少了逗号或换行吗？", "is a comma missing before it?"},
    {"attempt to perform arithmetic on a % value (% '%')", "%2 '%3' 是 %1，不能计算：之前赋过值吗？",
     "was it set before?"},
    {"attempt to perform arithmetic on a % value", "%1 不能计算", NULL},
    {"attempt to perform bitwise operation on a % value (% '%')", "%2 '%3' 是 %1，不能做位运算", NULL},
    {"attempt to perform bitwise operation on a % value", "%1 不能做位运算", NULL},
    {"attempt to concatenate a % value (% '%')", "%2 '%3' 是 %1，不能用 .. 连接：先用 tostring 变成文字",
     "make it a text with tostring first"},
    {"attempt to concatenate a % value", "%1 不能用 .. 连接：先用 tostring 变成文字",
     "make it a text with tostring first"},
    {"attempt to get length of a % value (% '%')", "%2 '%3' 是 %1，没有长度：之前赋过值吗？",
     "was it set before?"},
    {"attempt to get length of a % value", "%1 没有长度", NULL},
    {"attempt to compare two % values", "两个 %1 不能比较大小", NULL},
    {"attempt to compare % with %", "%1 与 %2 不能比较大小：用 tonumber 或先检查是否有值",
     "use tonumber, or ask first whether there is a value"},
    {"attempt to % a '%' with a '%'", "'%2' 与 '%3' 不能计算（%1）：用 tonumber 变成数字",
     "make it a number with tonumber"},
    {"attempt to divide by zero", "除数是 0", NULL},
    {"attempt to perform 'n%%0'", "除数是 0（%%）", NULL},
    {"attempt to perform 'n//0'", "除数是 0（//）", NULL},
    {"attempt to assign to const variable '%'", "'%1' 是 const，不能再赋值", NULL},
    {"bad argument #% to '?' (% expected, got %)", "第 %1 个参数应是 %2，实际是 %3", NULL},
    {"bad argument #% to '%' (% expected, got %)", "%2 的第 %1 个参数应是 %3，实际是 %4", NULL},
    {"bad argument #% to '%' (%)", "%2 的第 %1 个参数不对：%3", NULL},
    {"calling '%' on bad self (%)", "调用 %1 时对象不对（%2）：用了 . 而不是 : 吗？",
     "with : instead of . before its name?"},
    {"cannot resume dead coroutine", "这个协程已经结束，不能再 resume：请另建一个",
     "it has ended, make another one"},
    {"cannot resume non-suspended coroutine", "这个协程正在运行，不能再 resume", NULL},
    {"cannot resume this coroutine", "这个协程正在运行或出过错，不能 resume：请另建一个",
     "it runs or has failed, make another one"},
    {"cannot resume a coroutine in which another call waits",
     "另一个调用正在这个协程里等待，不能 resume：每次调用请各建一个", "each call makes one of its own"},
    {"vault.mask: unknown kind '%'", "vault.mask：不认识 '%1'：请用手册里的种类",
     "the manual lists the kinds"},
    {"invalid conversion '%' to 'format'", "string.format 不认识 '%1'：百分号本身要写成 %%%%",
     "a percent sign is written %%"},
    {"invalid option '%' to 'format'", "string.format 不认识 '%1'：百分号本身要写成 %%%%",
     "a percent sign is written %%"},
    {"invalid order function for sorting", "排序函数不一致：a 小于 b 时 b 不能小于 a",
     "it must not say of both that they come first"},
    {"bad 'for' % (number expected, got %)", "for 的%1应是数字，实际是 %2", NULL},
    {"'for' initial value must be a number", "for 的初值应是数字", NULL},
    {"'for' limit must be a number", "for 的终值应是数字", NULL},
    {"'for' step must be a number", "for 的步长应是数字", NULL},
    {"'for' step is zero", "for 的步长不能是 0", NULL},
    {"table index is %", "表的键不能是 %1", "a key must have a value"},
    {"number% has no integer representation", "这个数不是整数：用 // 或 math.floor", "use // or math.floor"},
    {"not enough memory", "内存超过上限：是否有表或文字一直在增加？",
     "does a list or a text grow without end?"},
    {"stack overflow%", "函数调用得太深：自己调用自己而没有结束吗？",
     "does a function call itself without end?"},
    {"C stack overflow%", "函数调用得太深：自己调用自己而没有结束吗？",
     "does a function call itself without end?"},
    {"'%' expected (to close '%' at line %) near %",
     "%4 之前缺少 '%1'（第 %3 行的 '%2' 没有结束）：前面少了逗号或 %1 吗？",
     "is a comma or the closing word missing before it?"},
    {"'%' expected near %", "%2 之前应有 '%1'：前面少了逗号吗？", "is a comma missing before it?"},
    {"<eof> expected near %", "%1 不该出现在这里：return 后面不能再有内容，或者多了一个 end",
     "nothing may follow return, or is there an end too many?"},
    {"<name> expected near %", "%1 之前应是一个名称", NULL},
    {"function arguments expected near %", "%1 之前应是函数的参数：调用方法要写 ( )",
     "a method is called with ( )"},
    {"unexpected symbol near %", "%1 不该出现在这里：前面少了什么，或多了什么？",
     "is something missing or too much before it?"},
    {"syntax error near %", "%1 附近的写法不对", NULL},
    {"unfinished string near %", "文字没有结束：%1 缺少引号", "the closing quote is missing"},
    {"unfinished long %(starting at line %) near %", "第 %2 行开始的长文字或注释没有结束：缺少 ]]",
     "]] is missing"},
    {"malformed number near %", "数字写得不对：%1", NULL},
    {"invalid escape sequence '%'", "文字里的转义 %1 不认识：反斜杠本身要写成 \\\\",
     "a backslash itself is written \\\\"},
    {"no visible label '%' for %at line %", "goto 的标签 '%1' 不存在（第 %3 行）", NULL},
    {"label '%' already defined on line %", "标签 '%1' 在第 %2 行已经有了", NULL},
    {"break outside a loop at line % near %", "break 只能写在循环里（第 %1 行）", NULL},
    {"cannot use '...' outside a vararg function near %", "这个函数没有 ... 参数", NULL},
};

static const char *const words[][2] = {
    {"local", "局部变量"},
    {"upvalue", "外层变量"},
    {"global", "全局变量"},
    {"field", "字段"},
    {"method", "方法"},
    {"constant", "常量"},
    {"<eof>", "文件末尾"},
    {"a nil value", "nil"},
    {"limit", "终值"},
    {"initial value", "初值"},
    {"step", "步长"},
    {"value expected", "缺少一个值"},
    {"number has no integer representation", "不是整数：用 // 或 math.floor"},
    {"value out of range", "值超出范围"},
    {"index out of range", "下标超出范围"},
    {"base out of range", "进制应在 2 到 36 之间"},
    {"interval is empty", "范围是空的：下限大于上限"},
    {"no value", "没有值"},
    {"out of bounds", "超出范围"},
    {"initial position is a continuation byte", "起始位置在一个字符的中间"},
    {"string contains zeros", "文字里有零字节"},
    {"invalid UTF-8 code", "不是 UTF-8"},
    {"zero", "不能是 0"},
    {"not enough arguments", "参数不够"},
};

typedef struct found {
    const char *s[MOST];
    size_t n[MOST];
} found;

/* The text up to the next letter of the pattern that fits, then the rest. */
static int fits(const char *text, const char *pattern, found *f, int k)
{
    for (; *pattern && *pattern != '%'; pattern++, text++)
        if (*text != *pattern) return 0;
    if (!*pattern) return !*text;
    if (pattern[1] == '%') return *text == '%' && fits(text + 1, pattern + 2, f, k);
    if (k >= MOST) return 0;
    for (const char *end = text;; end++) {
        if (fits(end, pattern + 1, f, k + 1)) {
            f->s[k] = text;
            f->n[k] = (size_t)(end - text);
            return 1;
        }
        if (!*end) return 0;
    }
}

static int says_as(const char *text, const char *pattern, const char *sentence, fc_buf *out);

/* From printf's conversions to these patterns: in `en` any of them is a %, in `zh`, where they
 * stand in the same order, the first is %1. */
static void to_pattern(const char *format, int numbered, char *out, size_t cap)
{
    size_t n = 0;
    int k = 0;
    for (const char *p = format; *p && n + 3 < cap; p++) {
        out[n++] = *p;
        if (*p != '%') continue;
        p++;
        if (*p == '%')
            out[n++] = '%';
        else if (numbered)
            out[n++] = (char)('1' + k++);
    }
    out[n] = 0;
}

static int says_raised(const char *text, fc_buf *zh, fc_buf *en)
{
    const char *of_zh, *of_en;
    for (size_t i = 0; fc_misuse_raised(i, &of_zh, &of_en); i++) {
        char pattern[400], sentence[500];
        to_pattern(of_en, 0, pattern, sizeof pattern);
        to_pattern(of_zh, 1, sentence, sizeof sentence);
        if (!says_as(text, pattern, sentence, zh)) continue;
        fc_buf_adds(en, text);
        return 1;
    }
    return 0;
}

/* What the host says of a program. */
static int says_misuse(const char *text, fc_buf *zh, fc_buf *en)
{
    const char *of_zh, *of_en;
    if (says_raised(text, zh, en)) return 1;
    if (!fc_misuse_noted(text, &of_zh, &of_en)) return 0;
    fc_buf_adds(zh, of_zh);
    fc_buf_adds(en, of_en);
    return 1;
}

static void add_found(fc_buf *b, const char *s, size_t n)
{
    fc_buf part = {0}, en = {0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i][0]) == n && strncmp(words[i][0], s, n) == 0) {
            fc_buf_adds(b, words[i][1]);
            return;
        }
    fc_buf_add(&part, s, n);
    if (!says_misuse(fc_buf_str(&part), b, &en)) fc_buf_add(b, s, n);
    fc_buf_free(&part);
    fc_buf_free(&en);
}

static void fill(fc_buf *b, const char *sentence, const found *f)
{
    for (const char *p = sentence; *p; p++) {
        if (*p != '%') {
            fc_buf_addc(b, *p);
        } else if (*++p == '%') {
            fc_buf_addc(b, '%');
        } else {
            int k = *p - '1';
            if (k >= 0 && k < MOST && f->s[k]) add_found(b, f->s[k], f->n[k]);
        }
    }
}

static int says_as(const char *text, const char *pattern, const char *sentence, fc_buf *out)
{
    found f = {{0}, {0}};
    if (!fits(text, pattern, &f, 0)) return 0;
    fill(out, sentence, &f);
    return 1;
}

/* Lua's own words, without the remedy that they got when they came out of another plugin. */
static size_t own_words(const char *text, const char *remedy)
{
    size_t n = strlen(text), more = remedy ? strlen(remedy) + 2 : 0;
    if (!more || n <= more || strcmp(text + n - more + 2, remedy) != 0 ||
        strncmp(text + n - more, "; ", 2) != 0)
        return n;
    return n - more;
}

static int says_itself(const char *text, fc_buf *zh, fc_buf *en)
{
    char own[LONGEST + 1];
    for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
        snprintf(own, sizeof own, "%.*s", (int)own_words(text, says[i].en), text);
        if (!says_as(own, says[i].pattern, says[i].zh, zh)) continue;
        fc_buf_adds(en, own);
        if (says[i].en) fc_buf_addf(en, "; %s", says[i].en);
        return 1;
    }
    return 0;
}

/* "b.half: plugins/b/exports.lua:2: ": what stands in front of an error that came out of another plugin. */
size_t fc_lua_in_front(const char *text)
{
    size_t n = strcspn(text, " ");
    return n > 1 && text[n] && text[n - 1] == ':' && (memchr(text, '.', n) || memchr(text, ':', n - 1))
               ? n + 1
               : 0;
}

int fc_lua_says(const char *text, fc_buf *zh, fc_buf *en)
{
    if (strlen(text) > LONGEST) return 0;
    for (const char *p = text;; p += fc_lua_in_front(p)) {
        fc_buf said = {0}, said_en = {0};
        int known = says_misuse(p, &said, &said_en) || says_itself(p, &said, &said_en);
        if (known) {
            fc_buf_addf(zh, "%.*s%s", (int)(p - text), text, fc_buf_str(&said));
            fc_buf_addf(en, "%.*s%s", (int)(p - text), text, fc_buf_str(&said_en));
        }
        fc_buf_free(&said);
        fc_buf_free(&said_en);
        if (known || !fc_lua_in_front(p)) return known;
    }
}
