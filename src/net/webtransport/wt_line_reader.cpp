#include "net/webtransport/wt_line_reader.hpp"

namespace capnweb {
namespace {

using Kind = WtLineEvent::Kind;

// A buffer of more is not kept by a session that may be idle from now on.
constexpr std::size_t kKeep = 16 * 1024;

}  // namespace

WtLineEvent WtLineReader::next(std::string_view& input) {
  if (held_is_given_) {
    held_is_given_ = false;
    if (held_.capacity() > kKeep) held_ = {};
    held_.clear();
  }
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

WtLineEvent WtLineReader::fail(Kind kind) noexcept {
  is_over_ = true;
  held_ = {};
  return {.kind = kind};
}

}  // namespace capnweb
