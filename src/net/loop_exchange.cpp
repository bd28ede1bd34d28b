#include "net/loop_exchange.hpp"

#include <capnweb/detail/local_object.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <string_view>
#include <utility>

#include "net/channel_connection.hpp"
#include "net/loop_gate.hpp"

namespace capnweb {

using detail::HookRef;

namespace {

constexpr std::string_view kTake = "take";

Error is_gone() { return Error::cap_revoked("What was shared is not there any more."); }

// The main object of every exchange. Called in turns of the loop that it belongs to.
class Counter final : public detail::LocalObject {
 public:
  bool call(std::string_view method, Array& arguments, Value& result) override {
    if (method != kTake) return false;
    const double number = arguments.at(0).get<double>();
    HookRef hook = LoopCore::current()->exchange().find(static_cast<std::uint64_t>(number));
    if (!hook) throw is_gone();
    result = Value(detail::StubRef{std::move(hook)});
    return true;
  }
  bool get(std::string_view, Value&) override { return false; }
  bool has_method(std::string_view name) const override { return name == kTake; }
};

}  // namespace

LoopExchange::LoopExchange(LoopCore& loop) : loop_(loop) { loop_.add_member(*this); }
LoopExchange::~LoopExchange() = default;

std::uint64_t LoopExchange::offer(HookRef hook) {
  offered_.emplace(++last_number_, std::move(hook));
  return last_number_;
}

void LoopExchange::withdraw(std::uint64_t number) {
  const auto found = offered_.find(number);
  if (found == offered_.end()) return;
  const HookRef withdrawn = std::move(found->second);  // its end may run user code
  offered_.erase(found);
}

HookRef LoopExchange::find(std::uint64_t number) const {
  const auto found = offered_.find(number);
  return found == offered_.end() ? nullptr : found->second;
}

HookRef LoopExchange::ask(const std::shared_ptr<LoopGate>& gate, std::uint64_t number) {
  if (gate == loop_.gate()) {
    HookRef hook = find(number);
    return hook ? detail::make_resolved(Value(detail::StubRef{std::move(hook)}))
                : detail::make_rejected(is_gone());
  }
  const Path path{std::string(kTake)};
  return main_of(gate)->call(path, {.values = {Value(number)}, .may_hold_promises = false});
}

// The first of the two loops opens its side and asks the other to open the other one.
HookRef LoopExchange::main_of(const std::shared_ptr<LoopGate>& gate) {
  if (const auto known = mains_.find(gate->id()); known != mains_.end()) return known->second;
  auto [link, side] = LoopGate::link(*loop_.gate(), *gate);
  auto ticket = std::make_shared<const ChannelTicket>(link, other(side));
  gate->post([ours = loop_.gate()->id(), ticket = std::move(ticket)] {
    LoopCore::current()->exchange().join(ours, ticket->link(), ticket->side());
  });
  return join(gate->id(), std::move(link), side);
}

HookRef LoopExchange::join(std::uint64_t gate, std::shared_ptr<ChannelLink> link,
                           ChannelSide side) {
  if (const auto known = mains_.find(gate); known != mains_.end()) return known->second;
  std::erase_if(mains_, [](const auto& main) { return !main.second->is_stub(); });  // of the past
  const auto session = ChannelConnection::start(
      loop_.shared_from_this(), std::move(link), side,
      Value(detail::StubRef{detail::make_target(std::make_shared<Counter>())}),
      {.limits = Limits::none()});
  HookRef main = session ? session->remote_main() : detail::make_rejected(is_gone());
  mains_.emplace(gate, main);
  return main;
}

void LoopExchange::on_loop_end() noexcept {
  const auto offered = std::exchange(offered_, {});
  const auto mains = std::exchange(mains_, {});
}

}  // namespace capnweb
