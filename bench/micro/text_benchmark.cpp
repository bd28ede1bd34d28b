// Strings, numbers and bytes: what is done for every byte of a message.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "value/base64.hpp"
#include "value/json_writer.hpp"
#include "value/utf.hpp"

namespace {

std::string ascii_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * 7 % 26);
  return text;
}

// Mostly letters with accents, and with signs from other scripts.
std::string mixed_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "d\xc3\xa9j\xc3\xa0 vu \xe2\x82\xac \xf0\x9f\x98\x80 ";
  return std::string(capnweb::clip_bytes(text, size));
}

void count_bytes(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void validate_utf8(benchmark::State& state, std::string (*make)(std::size_t)) {
  const std::string text = make(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(capnweb::is_valid_utf8(text));
  count_bytes(state, text.size());
}
BENCHMARK_CAPTURE(validate_utf8, ascii, ascii_of)->Arg(64)->Arg(65536);
BENCHMARK_CAPTURE(validate_utf8, mixed, mixed_of)->Arg(64)->Arg(65536);

void print_string(benchmark::State& state, std::string (*make)(std::size_t)) {
  const std::string text = make(static_cast<std::size_t>(state.range(0)));
  std::string out;
  for (auto _ : state) {
    out.clear();
    capnweb::write_json_string(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, text.size());
}
BENCHMARK_CAPTURE(print_string, ascii, ascii_of)->Arg(16)->Arg(1024)->Arg(1 << 20);
BENCHMARK_CAPTURE(print_string, mixed, mixed_of)->Arg(1024)->Arg(1 << 20);

void print_number(benchmark::State& state, double number) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    capnweb::write_json_number(out, number);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK_CAPTURE(print_number, integer, 1234.0);
BENCHMARK_CAPTURE(print_number, half, 12.5);
BENCHMARK_CAPTURE(print_number, long_fraction, 0.1234567890123);

std::vector<std::byte> bytes_of(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 % 251);
  return bytes;
}

void encode_base64(benchmark::State& state) {
  const auto bytes = bytes_of(static_cast<std::size_t>(state.range(0)));
  std::string out;
  for (auto _ : state) {
    out.clear();
    capnweb::append_base64(out, bytes);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(encode_base64)->Arg(1024)->Arg(1 << 20);

void decode_base64(benchmark::State& state) {
  std::string text;
  capnweb::append_base64(text, bytes_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) benchmark::DoNotOptimize(capnweb::decode_base64(text));
  count_bytes(state, text.size());
}
BENCHMARK(decode_base64)->Arg(1024)->Arg(1 << 20);

}  // namespace
