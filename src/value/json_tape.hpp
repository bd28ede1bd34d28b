// json_tape.hpp: JSON text, parsed once into a flat list of nodes.
//
// The tape is reused from message to message, so parsing allocates nothing in steady state. A view
// reads the tape and the text: both must outlive it, and the tape's next parse ends all views.
#pragma once

#include <capnweb/detail/json_view.hpp>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "value/expected.hpp"

namespace capnweb {

// The memory of a tape. Neither part is initialised or copied more than needed: hence no vector.
struct JsonBuffers {
  std::unique_ptr<JsonNode[]> nodes = {};
  std::size_t node_capacity = 0;
  std::unique_ptr<char[]> unescaped = {};  // strings that had escapes; never moves during a parse
  std::size_t unescaped_capacity = 0;
};

class JsonTape {
 public:
  // Nesting that honest messages of the default depth limit need (L-4), with room to spare.
  static constexpr std::size_t kMaxNesting = 1024;

  // Parses one JSON text (RFC 8259: white space around it is fine). Strings come out as WTF-8: a
  // pair of escaped surrogates joined, a lone one kept (V-4). Numbers beyond a double's range are
  // infinite (V-10), -0 stays negative (V-8). Text that is not JSON, or nests deeper than
  // `max_nesting`, gives a SyntaxError (V-2). Invalid UTF-8 is refused as well.
  Expected<JsonView> parse(std::string_view text, std::size_t max_nesting = kMaxNesting);

 private:
  JsonBuffers buffers_;
};

// The thread's own tape, for as long as a text is worked on. Sessions have none, of which there may
// be many that wait; whoever borrows it while it is lent gets another one.
class BorrowedTape {
 public:
  BorrowedTape() noexcept : tape_(std::exchange(spare, JsonTape())) {}
  ~BorrowedTape() { spare = std::move(tape_); }
  BorrowedTape(const BorrowedTape&) = delete;
  BorrowedTape& operator=(const BorrowedTape&) = delete;
  JsonTape* operator->() noexcept { return &tape_; }

 private:
  static thread_local JsonTape spare;
  JsonTape tape_;
};

}  // namespace capnweb
