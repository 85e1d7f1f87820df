/* The bytes of a table file as UTF-8 text, in chunks: opened, recognised, decoded, hashed. Private to
 * table_*.c. */
#ifndef FC_TEXT_TABLE_SOURCE_H
#define FC_TEXT_TABLE_SOURCE_H
#include "base/err.h"
#include "base/hash.h"
#include "text/encoding.h"
#include <iconv.h>
#include <sodium.h>

enum fc_file_kind { FC_FILE_TEXT, FC_FILE_ZIP };

typedef struct fc_source {
    char *path; /* owned */
    int fd;
    enum fc_file_kind kind;
    enum fc_encoding encoding;
    int64_t size, position; /* of the file; bytes read */
    int64_t decoded_to;     /* bytes decoded */
    char hash[FC_HASH_HEX]; /* "" until the end was read */
    crypto_generichash_state hashing;
    iconv_t decoder; /* (iconv_t)-1 where UTF-8 goes through */
    size_t raw_len;
    int at_end;
    const char *text; /* the current chunk: in raw or in decoded */
    size_t text_len;
    char raw[FC_SOURCE_CHUNK + 8];
    char decoded[FC_SOURCE_CHUNK * 2];
} fc_source;

/* Refuses what is no table by name and remedy. On failure nothing stays open. */
int fc_source_open(const char *path, fc_source **out, fc_err *err);
void fc_source_close(fc_source *s);
/* The next chunk in s->text; s->text_len = 0 at the end. `line` is where the reader stands, for the sentence.
 */
int fc_source_more(fc_source *s, int64_t line, fc_err *err);
/* Hashes the whole file, for a reader that takes it by another way. */
int fc_source_hash_file(fc_source *s, fc_err *err);
#endif
