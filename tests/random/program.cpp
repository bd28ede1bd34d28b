#include "random/program.hpp"

#include <array>
#include <optional>

namespace capnweb::testing {

namespace {

// Knows what each register will hold.
class Writer {
 public:
  Writer(Choices& choices, Partner partner) : choices_(choices), partner_(partner) {}

  Step next() {
    constexpr std::array kOps = {
        Op::kAdd,      Op::kAdd,      Op::kMeter, Op::kMeter,  Op::kTick,    Op::kTick,
        Op::kTick,     Op::kTick,     Op::kNest,  Op::kGet,    Op::kGet,     Op::kWrap,
        Op::kWrap,     Op::kEcho,     Op::kEcho,  Op::kApply,  Op::kApply,   Op::kKeep,
        Op::kCallKept, Op::kDropKept, Op::kLater, Op::kSettle, Op::kSettle,  Op::kPerform,
        Op::kFail,     Op::kMissing,  Op::kTotal, Op::kTorn,   Op::kNumbers, Op::kUnread,
        Op::kFill,     Op::kMap,      Op::kAwait, Op::kAwait,  Op::kDrop,
    };
    const Op op = kOps[choices_.below(kOps.size())];
    const Step step{.op = op,
                    .to = choices_.below(kRegisters),
                    .from = choices_.below(kRegisters),
                    .a = number(),
                    .b = number()};
    if (const auto complete_step = complete(step)) return *complete_step;
    return put({.op = Op::kMeter, .to = step.to}, Kind::kMeter, false);
  }

 private:
  struct Register {
    Kind kind = Kind::kNothing;
    bool fails = false;
    bool has_come = false;  // awaited: what is in it is passed on by what it has turned out to be
  };

  unsigned number() { return static_cast<unsigned>(choices_.below(40)); }

  // The step with operands that suit it, if there are any, written down.
  std::optional<Step> complete(Step step) {
    const Register from = registers_[step.from];
    const bool is_number = from.kind == Kind::kNumber;
    switch (step.op) {
      case Op::kAdd:
      case Op::kNest:
        if (!is_number) return std::nullopt;
        return put(step, step.op == Op::kAdd ? Kind::kNumber : Kind::kNest, from.fails);
      case Op::kTick:
        if (from.kind == Kind::kNothing || from.kind == Kind::kOther) return std::nullopt;
        step.kind = from.kind;
        return step;
      case Op::kGet:
        if (from.kind != Kind::kWrap && from.kind != Kind::kNest) return std::nullopt;
        return complete_get(step, from);
      case Op::kWrap:
        if (from.kind != Kind::kMeter || comes_home(from)) return std::nullopt;
        return put(step, Kind::kWrap, from.fails);
      case Op::kEcho:
        if (from.kind == Kind::kNothing || from.kind == Kind::kMeter) return std::nullopt;
        if (from.kind != Kind::kNumber && comes_home(from)) return std::nullopt;
        if (from.kind == Kind::kWrap && partner_ == Partner::kReference) return std::nullopt;
        return put(step, from.kind, from.fails);
      case Op::kMap:
        step.a %= 6;
        if (!is_number) return std::nullopt;
        return put(step, Kind::kOther, from.fails && step.a > 0);
      case Op::kAwait:
      case Op::kDrop:
        if (from.kind == Kind::kNothing) return std::nullopt;
        registers_[step.from].has_come = true;
        if (step.op == Op::kDrop) registers_[step.from] = {};
        return step;
      default:
        return complete_call(step, from);
    }
  }

  bool comes_home(const Register& from) const {
    return from.has_come && partner_ == Partner::kReference;
  }

  Step complete_get(Step step, const Register& from) {
    step.b = from.kind == Kind::kWrap ? 1 : 0;
    const bool is_number = from.kind == Kind::kNest && step.a % 2 == 1;
    put(step, is_number ? Kind::kNumber : Kind::kMeter, from.fails);
    registers_[step.to].has_come = from.has_come;
    step.kind = registers_[step.to].kind;
    return step;
  }

  std::optional<Step> complete_call(Step step, const Register& from) {
    const auto callback = static_cast<Callback>(step.b % 4);
    const bool refuses = callback == Callback::kFails;
    switch (step.op) {
      case Op::kApply:
        if (from.kind != Kind::kNumber) return std::nullopt;
        return put(step, Kind::kNumber, from.fails || refuses);
      case Op::kKeep:
      case Op::kDropKept:
      case Op::kCallKept:
        return complete_kept(step, refuses);
      case Op::kLater:
      case Op::kSettle:
        return complete_later(step);
      case Op::kMeter:
        return put(step, Kind::kMeter, false);
      case Op::kPerform:
        return put(step, Kind::kOther, false);
      case Op::kFail:
      case Op::kMissing:
      case Op::kTorn:
        return put(step, Kind::kNumber, true);
      case Op::kTotal:
        return put(step, Kind::kNumber, false);
      case Op::kFill:
        return put(step, Kind::kOther, false);
      default:
        return step;
    }
  }

  std::optional<Step> complete_kept(Step step, bool refuses) {
    step.a %= kSlots;
    std::optional<bool>& slot = kept_[step.a];
    if (step.op == Op::kCallKept) return put(step, Kind::kNumber, !slot || *slot);
    slot = step.op == Op::kKeep ? std::optional(refuses) : std::nullopt;
    return step;
  }

  std::optional<Step> complete_later(Step step) {
    constexpr std::array kKinds = {Kind::kNumber, Kind::kNest, Kind::kWrap};
    if (step.op == Op::kLater) {
      const Kind kind = kKinds[step.a % kKinds.size()];
      step.a = static_cast<unsigned>(later_.size());
      later_.push_back(kind);
      return put(step, kind, false);
    }
    if (settled_ == later_.size()) return std::nullopt;
    step.a = static_cast<unsigned>(settled_);
    step.kind = later_[settled_++];
    return step;
  }

  Step put(Step step, Kind kind, bool fails) {
    registers_[step.to] = {kind, fails};
    step.kind = kind;
    return step;
  }

  Choices& choices_;
  const Partner partner_;
  std::array<Register, kRegisters> registers_;
  std::array<std::optional<bool>, kSlots> kept_;  // whether it fails
  std::vector<Kind> later_;
  std::size_t settled_ = 0;
};

}  // namespace

std::vector<Step> make_program(Choices& choices, std::size_t steps, Partner partner) {
  Writer writer(choices, partner);
  std::vector<Step> program;
  program.reserve(steps);
  while (program.size() < steps) program.push_back(writer.next());
  return program;
}

}  // namespace capnweb::testing
