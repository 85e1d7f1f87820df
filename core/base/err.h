/* Errors: a return code plus one sentence in each language of the product.
 *
 * Every function that can fail returns 0 or one of the codes below and fills `err`. The sentence says what is
 * wrong, where, and what to do; whoever passes an error up may put its own place in front of it (fc_wrap).
 * `err` may be NULL where the caller only wants the code. An fc_err owns nothing and may be copied. */
#ifndef FC_BASE_ERR_H
#define FC_BASE_ERR_H

enum fc_code {
    FC_OK = 0,
    FC_EINVAL = 1, /* the input is wrong; the sentence says how to mend it */
    FC_ENOTFOUND,  /* no such file, row, plugin */
    FC_EIO,        /* disk, network, database */
    FC_ECONFLICT,  /* somebody else was first: a used port, a unique row */
    FC_EDENIED,    /* not allowed */
    FC_ELIMIT,     /* too large, too long, too slow */
    FC_EVERSION,   /* made by a newer version */
    FC_ENOMEM,
    FC_ECANCEL,   /* nobody waits for it any more */
    FC_EINTERNAL, /* our own mistake */
    FC_EBUSY,     /* held by somebody else for too long: try again */
};

enum fc_lang { FC_ZH = 0, FC_EN = 1 };

#define FC_ERR_TEXT 1024

typedef struct fc_err {
    int code;
    char text[2][FC_ERR_TEXT]; /* indexed by fc_lang; UTF-8, cut on a character border */
} fc_err;

/* Fills err and returns code. Both formats take the same arguments in the same order. */
int fc_fail(fc_err *err, int code, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* The same with no arguments from outside: text that was made elsewhere, equal in both languages. */
int fc_fail_text(fc_err *err, int code, const char *text);

/* Puts a place ("orders.csv:12") in front of both sentences: "place: sentence". Returns err->code. */
int fc_wrap(fc_err *err, const char *place);

const char *fc_err_text(const fc_err *err, enum fc_lang lang);

/* The language of this process's own output: FORECOURT_LANG, else LC_ALL / LC_MESSAGES / LANG ("en..." is
 * English, everything else Chinese). Read once. */
enum fc_lang fc_process_lang(void);
/* One of two literals, by fc_process_lang(). Both are checked against the arguments of the printf they go
 * to. */
const char *fc_say(const char *zh, const char *en) __attribute__((format_arg(1), format_arg(2)));
#endif
