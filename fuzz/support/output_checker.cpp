#include "support/output_checker.hpp"

#include "support/target.hpp"
#include "wire/message.hpp"

namespace capnweb::fuzz {

void OutputChecker::check(const Outbox& out) {
  for (std::size_t i = 0; i < out.size(); ++i) check(out[i]);
}

void OutputChecker::check_import(double id, std::string_view text) const {
  if (id <= 0) return;
  require(id <= pushes_, "sent an id that there is not yet", text);
  require(!released_.contains(id), "sent an id after its release", text);
}

void OutputChecker::check(std::string_view text) {
  require(!has_aborted_, "sent something after an abort", text);
  const auto json = tape_.parse(text);
  require(static_cast<bool>(json), "sent what is no JSON", text);
  const auto message = read_message(*json);
  require(static_cast<bool>(message), "sent what is no message", text);
  switch (message->type) {
    case Message::Type::kPush:
    case Message::Type::kStream:
    case Message::Type::kPipe:
      ++pushes_;
      break;
    case Message::Type::kPull:
      check_import(message->id, text);
      break;
    case Message::Type::kRelease:
      check_import(message->id, text);
      require(message->count >= 1, "released nothing", text);
      released_.insert(message->id);
      break;
    case Message::Type::kResolve:
    case Message::Type::kReject:
      require(answered_.insert(message->id).second, "answered twice", text);
      break;
    case Message::Type::kAbort:
      has_aborted_ = true;
      break;
  }
}

}  // namespace capnweb::fuzz
