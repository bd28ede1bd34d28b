// session_receive.cpp: what each message of the peer does.
#include <capnweb/detail/collect.hpp>
#include <capnweb/detail/resolver.hpp>
#include <cmath>
#include <utility>

#include "cap/pipe.hpp"
#include "session/remote_writable.hpp"
#include "session/session_core.hpp"
#include "value/json_writer.hpp"
#include "value/utf.hpp"

namespace capnweb::detail {

namespace {

std::string number_text(double number) {
  std::string text;
  write_json_number(text, number);
  return text;
}

void begin_resolve(std::string& text, ExportId id) {
  text += R"(["resolve",)";
  write_json_integer(text, static_cast<std::int64_t>(id));
  text += ',';
}

bool is_settled(Hook& hook) { return hook.plain_text() || hook.outcome(); }

Error no_such_export(double id) { return Error("no such export ID: " + number_text(id)); }

Error no_such_entry(ExportId id) {
  return Error("no such entry on exports table: " + std::to_string(static_cast<std::int64_t>(id)));
}

// S-14.
Error no_such_readable(ExportId id) {
  return Error("Export " + std::to_string(static_cast<std::int64_t>(id)) +
               " is not a pipe or its readable end was already consumed.");
}

// Evaluates the reason of an abort. The session keeps that reason, so a capability in it would keep
// the session; as there is nobody left to call, each is a broken one. Ids that there are not are a
// breach all the same (M-40).
class AbortImporter final : public Importer {
 public:
  explicit AbortImporter(ExportTable& exports) : exports_(exports) {}
  Expected<HookRef> import_stub(ImportId) override { return broken(); }
  Expected<HookRef> import_promise(ImportId) override { return broken(); }
  Expected<HookRef> find_export(ExportId id) override {
    if (!exports_.find(id)) return no_such_entry(id);
    return broken();
  }
  Expected<HookRef> take_readable(ExportId id) override {
    const Export* entry = exports_.find(id);
    if (!entry || !entry->readable) return no_such_readable(id);
    return broken();
  }
  Expected<HookRef> collect_blob(std::string, HookRef) override { return broken(); }
  Expected<HookRef> import_writable(ImportId) override { return broken(); }
  std::shared_ptr<MapBudget> map_budget() override { return nullptr; }

 private:
  static HookRef broken() {
    return make_rejected(Error("It came with an abort, after which nothing can be called."));
  }

  ExportTable& exports_;
};

}  // namespace

void SessionCore::receive(std::string_view message) {
  check_thread();
  // Fed by a handler or what it woke: the message comes after those that are there already.
  if (is_receiving_ || !received_meanwhile_.empty()) {
    received_meanwhile_.emplace_back(message);
    return;
  }
  const Ref<SessionCore> alive(this);  // a handler may let the last one go who holds us
  handle_one([&] { return handle(message); });
  while (!received_meanwhile_.empty()) {
    const std::string next = std::move(received_meanwhile_.front());
    received_meanwhile_.erase(received_meanwhile_.begin());
    handle_one([&] { return handle(next); });
  }
}

void SessionCore::receive(Parcel parcel) {
  check_thread();
  const Ref<SessionCore> alive(this);
  handle_one([&] {
    return dispatch({.type = parcel.type,
                     .id = static_cast<double>(parcel.id),
                     .count = static_cast<double>(parcel.count),
                     .has_expression = !parcel.values.empty(),
                     .parcel = &parcel});
  });
}

// REQUIRES: the caller keeps this alive.
template <class Handle>
void SessionCore::handle_one(Handle handle) {
  const Turn turn;
  is_receiving_ = true;
  if (!end_reason_) {
    // Any message may hold calls, not only a push.
    const CallMeter::Scope metered(calls_);
    if (auto breach = handle()) abort(std::move(*breach));
  }
  is_receiving_ = false;
  Turn::drain();
}

Expected<Evaluated> SessionCore::evaluate_content(const Message& message,
                                                  Importer& importer) const {
  if (message.parcel) return unpack(*message.parcel, importer);
  return evaluate(message.expression, &importer, options_->limits);
}

SessionCore::Verdict SessionCore::handle(std::string_view text) {
  if (auto breach = check_size(text)) return breach;
  if (const auto brief = read_brief_message(text)) return dispatch(*brief);
  if (Verdict verdict; receive_brief_call(text, verdict)) return verdict;
  BorrowedTape tape;
  auto json = tape->parse(text);
  if (!json) return std::move(json.error());
  auto message = read_message(*json);
  if (!message) return std::move(message.error());
  return dispatch(*message);
}

SessionCore::Verdict SessionCore::check_size(std::string_view text) const {
  const std::size_t limit = options_->limits.max_message_size;
  // A UTF-8 byte is never more than one UTF-16 unit: most texts need no counting.
  if (text.size() <= limit || utf16_length(text) <= limit) return std::nullopt;
  return Error::type_error("Incoming message exceeds maximum size of " + std::to_string(limit) +
                           " UTF-16 code units.");
}

SessionCore::Verdict SessionCore::dispatch(const Message& message) {
  switch (message.type) {
    case Message::Type::kPush:
      return receive_push(message, false);
    case Message::Type::kStream:
      return receive_push(message, true);
    case Message::Type::kPipe:
      return receive_pipe();
    case Message::Type::kPull:
      return receive_pull(message.id);
    case Message::Type::kResolve:
    case Message::Type::kReject:
      return receive_resolution(message);
    case Message::Type::kRelease:
      return receive_release(message);
    case Message::Type::kAbort:
      return receive_abort(message);
  }
  return std::nullopt;
}

// Both ends are here: the peer writes to the one under its id, and the other is taken by the
// ["readable",id] that mentions it (M-37, S-14).
SessionCore::Verdict SessionCore::receive_pipe() {
  if (auto refused = room_for_export()) return refused;
  PipeEnds ends = make_pipe();
  exports_.add_push({.hook = std::move(ends.writable), .readable = std::move(ends.readable)});
  return std::nullopt;
}

// M-7 to M-10: evaluated at once; a failing call is only a rejected promise.
SessionCore::Verdict SessionCore::receive_push(const Message& message, bool is_stream) {
  if (auto refused = room_for_export()) return refused;
  return add_push(evaluate_push(message), is_stream);
}

// The same for most pushes, of which no more is parsed than the arguments. False for every other
// message, and for what is wrong with this one: then nothing happened.
bool SessionCore::receive_brief_call(std::string_view text, Verdict& verdict) {
  const auto call = read_brief_call(text);
  const Export* entry = call ? exports_.find(call->id) : nullptr;
  if (!entry || room_for_export()) return false;
  BorrowedTape tape;
  // Two arrays lie around the arguments.
  const auto arguments = tape->parse(call->arguments, JsonTape::kMaxNesting - 2);
  if (!arguments) return false;
  const HookRef callee = entry->hook;
  verdict = add_push(evaluate_call(*callee, call->method, *arguments, this, options_->limits),
                     call->is_stream);
  return true;
}

// The promise of the value that a push makes.
Expected<HookRef> SessionCore::evaluate_push(const Message& message) {
  auto evaluated = evaluate_content(message, *this);
  if (!evaluated) return std::move(evaluated.error());
  Value& value = evaluated->value;
  if (auto* promise = value.get_if<PromiseRef>(); promise && !promise->path)
    return std::move(promise->hook);
  // Pulled, ["import",0,path,args] is what the call gives (C-2), and a stream refuses (S-22).
  if (auto* stub = value.get_if<StubRef>()) return std::move(stub->hook);
  return make_resolved(std::move(value));
}

SessionCore::Verdict SessionCore::add_push(Expected<HookRef> hook, bool is_stream) {
  if (!hook) return std::move(hook.error());
  if (end_reason_) return std::nullopt;
  const ExportId id = exports_.add_push({.hook = *std::move(hook), .is_stream = is_stream});
  if (is_stream) start_answer(id, *exports_.find(id));
  return std::nullopt;
}

SessionCore::Verdict SessionCore::receive_pull(double id) {
  Export* entry = exports_.find(id);
  if (!entry) return no_such_export(id);
  start_answer(static_cast<ExportId>(id), *entry);
  return std::nullopt;
}

ImportHook* SessionCore::find_import(double id) noexcept {
  if (std::trunc(id) != id || std::abs(id) > 9007199254740992.0) return nullptr;
  if (id == 0) return main_import_;
  ImportHook** found = id > 0 ? asked_.find(static_cast<std::uint64_t>(id))
                              : offered_.find(static_cast<std::uint64_t>(-id));
  return found ? *found : nullptr;
}

SessionCore::Verdict SessionCore::receive_resolution(const Message& message) {
  const bool is_reject = message.type == Message::Type::kReject;
  // M-29: nobody waits for it any more. A value is still evaluated, so that what it offers is
  // released; an error is not even looked at.
  const Ref<ImportHook> hook(find_import(message.id));
  if (!hook && is_reject) return std::nullopt;
  resolves_pipelined_ = hook && hook->is_pipelined();
  resolves_to_ours_ = false;
  auto evaluated = evaluate_content(message, *this);
  const bool makes_detour = std::exchange(resolves_pipelined_, false) && resolves_to_ours_;
  if (!evaluated) return std::move(evaluated.error());
  if (!hook || end_reason_ || !hook->is_on_wire()) return std::nullopt;
  if (makes_detour && !is_reject) {
    hook->finish_on_detour({std::move(evaluated->value)});
    return std::nullopt;
  }

  // The entry goes and is released before anybody sees the value (M-28).
  const auto id = static_cast<std::int64_t>(hook->id());
  if (id == 0) {
    main_import_ = nullptr;
  } else {
    auto& table = id > 0 ? asked_ : offered_;
    table.take(static_cast<std::uint64_t>(id > 0 ? id : -id));
  }
  if (hook->must_be_released()) send_release(hook->id(), hook->introductions());
  if (!is_reject) {
    // What a stream is acknowledged with is nobody's (M-50).
    const bool is_answer = hook->must_be_released();
    hook->finish({is_answer ? std::move(evaluated->value) : Value()});
  } else if (auto* error = evaluated->value.get_if<Error>()) {
    hook->finish({std::move(*error)});
  } else {
    hook->finish({Error::thrown(std::move(evaluated->value))});  // V-44
  }
  return std::nullopt;
}

SessionCore::Verdict SessionCore::receive_release(const Message& message) {
  Export* entry = exports_.find(message.id);
  if (!entry) return no_such_export(message.id);
  // M-23: no honest peer sends a negative or fractional count.
  if (message.count < 0 || std::trunc(message.count) != message.count)
    return Error("bad release count: " + number_text(message.count));
  if (message.count > static_cast<double>(entry->refcount))
    return Error("refcount would go negative: " + std::to_string(entry->refcount) + " < " +
                 number_text(message.count));
  entry->refcount -= static_cast<std::int64_t>(message.count);
  if (entry->refcount > 0) return std::nullopt;
  Export released = exports_.take(static_cast<ExportId>(message.id));
  if (released.answer) {
    released.hook = nullptr;
    Hook& hook = *released.answer->hook();
    exports_.keep_orphan(std::move(released.answer));
    hook.caller_gone();
  }
  return std::nullopt;
}

SessionCore::Verdict SessionCore::receive_abort(const Message& message) {
  Error reason("undefined");  // M-39: an abort without a value
  if (message.has_expression) {
    AbortImporter importer(exports_);
    auto evaluated = evaluate_content(message, importer);
    if (!evaluated) return std::move(evaluated.error());  // M-40
    if (auto* error = evaluated->value.get_if<Error>()) {
      reason = std::move(*error);
    } else if (!evaluated->value.is_undefined()) {
      reason = Error::thrown(std::move(evaluated->value));
    }
  }
  end(std::move(reason), false);
  return std::nullopt;
}

// ---- Answers

void SessionCore::start_answer(ExportId id, Export& entry) {
  if (std::exchange(entry.is_pulled, true)) return;
  HookRef hook = entry.hook;
  const bool is_offer = static_cast<std::int64_t>(id) < 0;
  if (hook->is_stub()) {
    // M-13: pulling a result that is a capability gives that; pulling an offered one is an error.
    const char* refusal = hook->pull_refusal();
    if (!refusal && is_offer) refusal = "Tried to resolve a non-promise stub.";
    if (refusal) return send_reject(id, Error(refusal));
    hook = make_resolved(Value(StubRef{std::move(hook)}));
  }
  // A write that is refused at once comes behind the failed ones before it (S-9).
  const bool is_done = is_settled(*hook);
  const bool is_refused =
      entry.is_stream && is_done && !hook->plain_text() && hook->outcome()->is_error();
  if (!is_offer && is_done && !is_refused) return send_answer(id, hook);
  ++open_answers_;
  entry.answer = std::make_unique<PendingAnswer>(*this, id, hook);
  if (is_done) {
    Turn::add(*entry.answer);  // also after the message that announces a promise
  } else {
    hook->wait(*entry.answer);
  }
}

void SessionCore::answer_ready(PendingAnswer& answer) noexcept {
  const Ref<SessionCore> alive(this);
  Export* entry = exports_.find(answer.id());
  std::unique_ptr<PendingAnswer> done = entry && entry->answer.get() == &answer
                                            ? std::move(entry->answer)
                                            : exports_.take_orphan(answer);
  --open_answers_;
  send_answer(done->id(), done->hook());
  report_drained();
}

HookRef SessionCore::drain() {
  if (end_reason_) return make_rejected(*end_reason_);
  if (is_drained()) return make_resolved(Value());
  if (!drained_) drained_ = make_ref<PromiseHook>();
  return drained_;
}

void SessionCore::report_drained() {
  if (drained_ && is_drained()) std::exchange(drained_, nullptr)->resolve({Value()});
}

void SessionCore::send_answer(ExportId id, const HookRef& hook) {
  const std::size_t before = output_size();
  if (unsent_answers_ > options_->limits.max_unsent_answers) {
    send_reject(
        id, Error::range_error("More than " + std::to_string(options_->limits.max_unsent_answers) +
                               " bytes of answers wait to be sent; ask for less at once, "
                               "or raise the callee's Limits::max_unsent_answers."));
  } else {
    send_outcome(id, *hook);
  }
  unsent_answers_ += output_size() - before;
  // The answer to a stream message releases its entry (M-36).
  if (Export* entry = exports_.find(id); entry && entry->is_stream)
    static_cast<void>(exports_.take(id));
}

void SessionCore::send_outcome(ExportId id, Hook& hook) {
  if (const std::string* text = parcels_ ? nullptr : hook.plain_text()) return send_text(id, *text);
  const Outcome& outcome = *hook.outcome();
  if (outcome.is_error()) return send_reject(id, outcome.error());
  if (parcels_) {
    Parcel parcel{.type = Message::Type::kResolve, .id = static_cast<std::int64_t>(id)};
    parcel.values.push_back(outcome.value());
    if (auto shipped = ship_packed(std::move(parcel)); !shipped) send_reject(id, shipped.error());
    return;
  }
  const Value& value = outcome.value();
  const auto print = [&](std::string& text) -> Expected<Done> {
    begin_resolve(text, id);
    auto done = devaluate(value, this, Ownership::kOwned, text);
    text += ']';
    return done;
  };
  if (auto done = send_printed(is_plain_data(value), print); !done)
    send_reject(id, done.error());  // M-33
}

// The answer with a value that has been printed before.
void SessionCore::send_text(ExportId id, std::string_view expression) {
  put_out_printed([&](std::string& text) {
    begin_resolve(text, id);
    text += expression;
    text += ']';
  });
}

void SessionCore::send_reject(ExportId id, const Error& error) {
  if (parcels_)
    return ship_error({.type = Message::Type::kReject, .id = static_cast<std::int64_t>(id)}, error);
  std::string text = R"(["reject",)";
  write_json_integer(text, static_cast<std::int64_t>(id));
  text += ',';
  if (auto done = devaluate_error(error, this, text); !done) return abort(std::move(done.error()));
  send(text + ']');
}

// ---- Importer

Expected<HookRef> SessionCore::import_stub(ImportId id) {
  const auto number = static_cast<std::int64_t>(id);
  if (number == 0) return remote_main();
  if (number > 0) return Error("bad export ID: " + std::to_string(number));  // M-5
  const auto key = static_cast<std::uint64_t>(-number);
  if (ImportHook** known = offered_.find(key)) {
    (*known)->add_introduction();
    return HookRef(*known);
  }
  if (auto refused = room_for_import()) return std::move(*refused);
  auto hook = make_ref<ImportHook>(*this, id, ImportHook::Role::kStub, false);
  offered_.insert(key, hook.get());
  return HookRef(std::move(hook));
}

Expected<HookRef> SessionCore::import_promise(ImportId id) {
  const auto number = static_cast<std::int64_t>(id);
  if (number >= 0) return Error("bad export ID: " + std::to_string(number));
  const auto key = static_cast<std::uint64_t>(-number);
  if (offered_.find(key))  // M-35
    return make_rejected(
        Error("Bug in RPC system: The peer sent a promise reusing an existing export ID."));
  if (auto refused = room_for_import()) return std::move(*refused);
  auto hook = make_ref<ImportHook>(*this, id, ImportHook::Role::kPromise, true);
  if (resolves_pipelined_) hook->set_pipelined();  // what was called behind it is in this one
  offered_.insert(key, hook.get());
  return HookRef(std::move(hook));
}

Expected<HookRef> SessionCore::import_writable(ImportId id) {
  auto end = import_stub(id);
  if (!end) return std::move(end.error());
  return HookRef(make_ref<RemoteWritable>(*this, *std::move(end), false));
}

Expected<HookRef> SessionCore::take_readable(ExportId id) {
  Export* entry = exports_.find(id);
  if (entry && entry->readable) return std::exchange(entry->readable, nullptr);
  return no_such_readable(id);
}

Expected<HookRef> SessionCore::collect_blob(std::string type, HookRef readable) {
  return detail::collect_blob(std::move(type), readable, calls_->stream_budget());
}

std::shared_ptr<MapBudget> SessionCore::map_budget() {
  const std::size_t limit = options_->limits.max_map_steps;
  if (limit == Limits::kUnlimited) return nullptr;
  return std::make_shared<MapBudget>(MapBudget{.limit = limit});
}

Expected<HookRef> SessionCore::find_export(ExportId id) {
  resolves_to_ours_ = true;
  if (Export* entry = exports_.find(id)) return entry->hook;
  return no_such_entry(id);
}

}  // namespace capnweb::detail
