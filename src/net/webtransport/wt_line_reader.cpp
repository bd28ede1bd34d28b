#include "net/webtransport/wt_line_reader.hpp"

#include <utility>

#include "net/buffers.hpp"

namespace capnweb {
namespace {

using Kind = WtLineEvent::Kind;

}  // namespace

WtLineEvent WtLineReader::next(std::string_view& input) {
  if (std::exchange(held_is_given_, false)) clear_buffer(held_, kKeptBuffer);
  if (is_over_) input = {};
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::string_view piece = input.substr(0, end);
    const WtLineEvent verdict = check(piece, held_.size() + piece.size());
    if (verdict.kind != Kind::kNone) return verdict;
    if (end == input.npos) {
      held_ += piece;
      input = {};
      return {};
    }
    input.remove_prefix(end + 1);
    if (!utf8_.is_complete()) return fail(Kind::kNotUtf8);
    if (held_.empty() && piece.empty()) continue;
    if (held_.empty()) return {.kind = Kind::kLine, .line = piece};
    held_ += piece;
    held_is_given_ = true;
    return {.kind = Kind::kLine, .line = held_};
  }
  return {};
}

WtLineEvent WtLineReader::check(std::string_view piece, std::size_t size) noexcept {
  if (size > max_line_) return fail(Kind::kTooLong);
  if (!utf8_.feed(piece)) return fail(Kind::kNotUtf8);
  return {};
}

void WtLineReader::skip() noexcept {
  is_over_ = true;
  if (!held_is_given_) let_go(held_);
}

WtLineEvent WtLineReader::fail(Kind kind) noexcept {
  is_over_ = true;
  let_go(held_);
  return {.kind = kind};
}

}  // namespace capnweb
