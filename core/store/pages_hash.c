/* The sum of a page. Debian's libxxhash is built for every x86-64 and takes 206 ns for 4 KiB; the same header
 * compiled for AVX2 takes 67 and gives the same sums, so where the machine has it that one is used. */
#include "store/pages_file.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2")
#define XXH_INLINE_ALL
#include <xxhash.h>

static uint64_t hash_fast(uint32_t page, const void *bytes, size_t n)
{
    return XXH3_64bits_withSeed(bytes, n, page);
}
#pragma GCC pop_options

static bool have_fast(void)
{
    return __builtin_cpu_supports("avx2");
}

uint64_t fc_page_sum(uint32_t page, const void *bytes, size_t n)
{
    uint64_t sum = have_fast() ? hash_fast(page, bytes, n) : fc_page_sum_plain(page, bytes, n);
    return sum ? sum : 1;
}
#else
uint64_t fc_page_sum(uint32_t page, const void *bytes, size_t n)
{
    uint64_t sum = fc_page_sum_plain(page, bytes, n);
    return sum ? sum : 1;
}
#endif
