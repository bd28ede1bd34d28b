// json_reader.hpp: fills a JsonTape from JSON text. One reader, one text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "value/json_tape.hpp"

namespace capnweb {

class JsonReader {
 public:
  // REQUIRES: `text` has fewer than 4 GiB, so that sizes fit the nodes.
  JsonReader(JsonTape& tape, std::string_view text, std::size_t max_nesting) noexcept;

  Expected<JsonView> read();

 private:
  enum class Problem : std::uint8_t {
    kUnexpected,
    kAfterEnd,
    kControlCharacter,
    kBadEscape,
    kBadUnicodeEscape,
    kInvalidUtf8,
    kTooDeep,
  };

  // Each returns where the text goes on, or null on a problem.
  const char* read_all(const char* p);
  const char* open(const char* p, JsonType type);
  const char* after_value(const char* p);
  const char* read_key(const char* p);
  const char* read_string(const char* p);
  const char* read_escaped_string(const char* start, const char* p);
  const char* read_escape(const char* p);
  const char* read_unicode_escape(const char* p);
  const char* find_end_of_plain(const char* p);
  const char* read_number(const char* p);
  const char* read_word(const char* p, std::string_view word, JsonType type);
  const char* skip_space(const char* p) const noexcept;
  void close() noexcept;

  JsonNode& add_node(JsonType type);
  void add_string(const char* begin, const char* end);
  void grow();

  const char* fail(Problem problem, const char* at) noexcept;
  Error error() const;

  static constexpr std::uint64_t kNone = static_cast<std::uint64_t>(-1);

  JsonTape& tape_;
  const char* const begin_;
  const char* const end_;
  JsonNode* nodes_;             // the tape's
  std::size_t capacity_;        // of them
  std::size_t used_ = 0;        // how many are filled
  std::uint64_t open_ = kNone;  // the innermost open array or object; its `next` leads outward
  std::size_t room_;            // how many more may be opened within
  char* unescaped_ = nullptr;   // where the next unescaped character goes; null before the first

  Problem problem_ = Problem::kUnexpected;
  const char* problem_at_ = nullptr;
};

}  // namespace capnweb
