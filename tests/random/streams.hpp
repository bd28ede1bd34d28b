// streams.hpp: what random programs do with streams of numbers.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/resolver.hpp>

namespace capnweb::testing {

// Writes 1, 2, ... `count`; then closes, or aborts if it `is_torn`. The promise of the answer to
// that.
detail::HookRef write_numbers(const detail::HookRef& writable, double count, bool is_torn);

// A stream to write to: its end settles `sum`.
detail::HookRef make_sum_sink(detail::Resolver sum);

// Reads to the end: the promise of the sum.
detail::HookRef sum_of(const detail::HookRef& readable);

}  // namespace capnweb::testing
