// session_core.cpp: sending, and the beginning and end of a session.
#include "session/session_core.hpp"

#include <algorithm>
#include <capnweb/detail/resolver.hpp>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "cap/bytes_source.hpp"
#include "cap/copy_cost.hpp"
#include "cap/pump.hpp"
#include "session/remote_writable.hpp"
#include "value/json_writer.hpp"
#include "value/utf.hpp"

namespace capnweb::detail {

namespace {

// The buffers of an outbox, for the next session that has something to say. Of those that have
// nothing there may be many: they hold none.
thread_local Outbox spare_outbox;

HookRef no_main() { return make_rejected(Error("This connection has no main object.")); }

HookRef main_hook(Value value) {
  // A falsy main means none (C-21).
  if (value.is_undefined() || value.is_null()) return no_main();
  if (auto* stub = value.get_if<StubRef>()) return stub->hook;
  return make_resolved(std::move(value));
}

void append_id(std::string& text, std::int64_t id) { write_json_integer(text, id); }

Error too_long_for_batch(std::size_t limit) {
  return Error::range_error(
      "A stream is too long for a batch, which must hold all of it: more than " +
      std::to_string(limit) + " bytes; use a WebSocket, or raise Limits::max_stream_buffer.");
}

}  // namespace

SessionCore::SessionCore(Value local_main, SessionOptions options)
    : SessionCore(std::move(local_main),
                  std::make_shared<const SessionOptions>(std::move(options))) {}

SessionCore::SessionCore(Value local_main, std::shared_ptr<const SessionOptions> options)
    : options_(std::move(options)),
      calls_(make_ref<CallMeter>(options_->limits.max_calls, options_->limits.max_stream_buffer,
                                 options_->limits.max_copies)),
      exports_(main_hook(std::move(local_main))) {}

SessionCore::~SessionCore() = default;

void SessionCore::check_thread() const noexcept {
#if !defined(NDEBUG)
  if (std::this_thread::get_id() == thread_) return;
  std::fputs("capnweb: a session or one of its stubs is used on a thread that is not its own\n",
             stderr);
  std::abort();
#endif
}

void SessionCore::set_local_main(Value local_main) {
  exports_.set_main(main_hook(std::move(local_main)));
}

HookRef SessionCore::remote_main() {
  if (!peer_has_main_) return no_main();
  if (main_import_) return HookRef(main_import_);
  auto hook = make_ref<ImportHook>(*this, ImportId{0}, ImportHook::Role::kStub, false);
  main_import_ = hook.get();
  if (end_reason_) {
    main_import_ = nullptr;
    hook->finish({*end_reason_});
  }
  return hook;
}

Session::Stats SessionCore::stats() const noexcept {
  if (end_reason_) return {.calls = calls_->leases()};
  return {.imports = 1 + asked_.size() + offered_.size(),
          .exports = exports_.size(),
          .calls = calls_->leases()};
}

// ---- Imports

void SessionCore::import_gone(ImportHook& hook) noexcept {
  check_thread();
  const Turn turn;  // who hears that nothing is in use may end the session: not before we are done
  if (--imports_in_use_ == 0 && unused_) unused_->later.schedule();
  if (!hook.is_on_wire() && !hook.is_on_detour()) return;
  const auto id = static_cast<std::int64_t>(hook.id());
  if (id == 0) {
    main_import_ = nullptr;
    return;
  }
  auto& table = id > 0 ? asked_ : offered_;
  table.take(static_cast<std::uint64_t>(id > 0 ? id : -id));
  if (hook.must_be_released()) send_release(hook.id(), hook.introductions());
}

void SessionCore::report_unused() {
  if (imports_in_use_ == 0) unused_->signal();
}

void SessionCore::watch(const std::shared_ptr<BrokenWatch>& watch) {
  // Registrations come and go; those that are gone are swept when they are the larger part.
  if (watches_.size() == watches_.capacity())
    std::erase_if(watches_, [](const auto& weak) { return weak.expired(); });
  watches_.push_back(watch);
}

std::shared_ptr<void> SessionCore::on_broken(std::function<void(const Error&)> callback) {
  const Ref<SessionCore> alive(this);  // as in end()
  auto registration = std::make_shared<BrokenWatch>(std::move(callback));
  if (end_reason_) {
    registration->fire(*end_reason_);
  } else {
    watch(registration);
  }
  return registration;
}

// ---- Sending

// Where the next message is printed.
std::string& SessionCore::next_message() {
  if (outbox_.empty()) std::swap(outbox_, spare_outbox);
  return outbox_.text;
}

// The outbox's text ends with one more message.
void SessionCore::end_message() {
  outbox_.ends.push_back(outbox_.text.size());
  if (outbox_.ends.size() == 1 && output_signal_) output_signal_();
}

void SessionCore::put_out(std::string_view text) {
  put_out_printed([&](std::string& out) { out += text; });
}

// A message with an expression, and what the pipes in it are fed from.
void SessionCore::send(std::string_view text) {
  put_out(text);
  if (!new_pipes_.empty()) start_pipes();
}

void SessionCore::take_output(Outbox& out) {
  out.clear();
  std::swap(out, outbox_);
  std::swap(spare_outbox, outbox_);
  unsent_answers_ = 0;
}

SessionCore::Verdict SessionCore::room_for_import() const {
  check_thread();
  if (end_reason_) return end_reason_;
  if (asked_.size() + offered_.size() < options_->limits.max_imports) return std::nullopt;
  return Error::range_error("Too many calls and capabilities of this session are in use: " +
                            std::to_string(options_->limits.max_imports) +
                            "; release some, or raise Limits::max_imports.");
}

SessionCore::Verdict SessionCore::room_for_export() const {
  if (end_reason_) return end_reason_;
  if (exports_.held() < options_->limits.max_exports) return std::nullopt;
  return Error::range_error("Too many results and capabilities are held by the peer: " +
                            std::to_string(options_->limits.max_exports) +
                            "; it must release some, or Limits::max_exports be raised.");
}

SessionCore::Verdict SessionCore::room_for_call() const {
  if (unsent_ + output_size() <= options_->limits.max_unsent) return room_for_import();
  return Error::range_error("More than " + std::to_string(options_->limits.max_unsent) +
                            " bytes wait for the peer to take them; try again later, or raise "
                            "Limits::max_unsent.");
}

// The import of the push that was just sent; the peer counts along (M-3).
HookRef SessionCore::push_sent(ImportHook::Role role) {
  const std::uint64_t id = next_push_++;
  const bool is_pulled = role == ImportHook::Role::kAcknowledgement;
  auto hook = make_ref<ImportHook>(*this, static_cast<ImportId>(id), role, is_pulled);
  asked_.insert(id, hook.get());
  return hook;
}

HookRef SessionCore::send_call(ImportId id, PathView path, Arguments arguments) {
  const Turn turn;  // what is announced in the message is resolved after it
  if (auto refused = room_for_call()) return make_rejected(std::move(*refused));
  if (parcels_)
    return ship_push({.type = Message::Type::kPush,
                      .id = static_cast<std::int64_t>(id),
                      .path = Path(path.begin(), path.end()),
                      .values = std::move(arguments.values)});
  const auto print = [&](std::string& text) -> Expected<Done> {
    text += R"(["push",["pipeline",)";
    append_id(text, static_cast<std::int64_t>(id));
    text += ',';
    write_path(path, text);
    text += ',';
    auto done = devaluate_arguments(arguments.values, this, text);
    text += "]]";
    return done;
  };
  auto done = send_printed(are_plain_data(arguments.values), print);
  if (!done) return make_rejected(std::move(done.error()));
  return push_sent();
}

HookRef SessionCore::send_get(ImportId id, PathView path) {
  if (auto refused = room_for_call()) return make_rejected(std::move(*refused));
  if (parcels_)
    return ship_push({.type = Message::Type::kPush,
                      .request = Parcel::Request::kGet,
                      .id = static_cast<std::int64_t>(id),
                      .path = Path(path.begin(), path.end())});
  std::string text = R"(["push",["pipeline",)";
  append_id(text, static_cast<std::int64_t>(id));
  text += ',';
  write_path(path, text);
  text += "]]";
  send(text);
  return push_sent();
}

HookRef SessionCore::send_map(ImportId id, PathView path, MapProgram program) {
  const Turn turn;
  if (auto refused = room_for_call()) return make_rejected(std::move(*refused));
  if (parcels_)
    return ship_map({.type = Message::Type::kPush,
                     .request = Parcel::Request::kMap,
                     .id = static_cast<std::int64_t>(id),
                     .path = Path(path.begin(), path.end())},
                    std::move(program));
  const auto captures = claim_captures(program);
  if (!captures) return make_rejected(captures.error());
  std::string text = R"(["push",["remap",)";
  append_id(text, static_cast<std::int64_t>(id));
  text += ',';
  write_path(path, text);
  text += ",[";
  for (const Claim& claim : *captures) {
    if (&claim != captures->data()) text += ',';
    text += claim.kind == Claim::Kind::kImport ? R"(["import",)" : R"(["export",)";
    append_id(text, claim.id);
    text += ']';
  }
  text += "],";
  text += program.instructions;
  text += "]]";
  send(text);
  return push_sent();
}

// A map takes all that it captures as stubs (R-5). What was exported for one that cannot be sent is
// taken back.
Expected<std::vector<Claim>> SessionCore::claim_captures(const MapProgram& program) {
  std::vector<Claim> claims;
  for (const Value& capture : program.captures) {
    HookRef hook = captured_hook(capture);
    if (auto id = find_import(*hook)) {
      claims.push_back({Claim::Kind::kImport, static_cast<std::int64_t>(*id)});
    } else if (auto exported = export_stub(std::move(hook))) {
      claims.push_back({Claim::Kind::kExport, static_cast<std::int64_t>(*exported)});
    } else {
      for (const Claim& claim : claims)
        if (claim.kind == Claim::Kind::kExport) unexport(static_cast<ExportId>(claim.id));
      return std::move(exported.error());
    }
  }
  return claims;
}

HookRef SessionCore::captured_hook(const Value& capture) {
  const auto* promise = capture.get_if<PromiseRef>();
  const auto* stub = capture.get_if<StubRef>();
  HookRef hook = stub            ? stub->hook
                 : promise->path ? promise->hook->get(*promise->path)
                                 : promise->hook;
  // A promise that has become a stub is that stub: the peer's own goes home instead of being
  // called through us.
  if (Outcome* outcome = hook->is_stub() ? nullptr : hook->outcome();
      outcome && !outcome->is_error())
    if (const auto* settled = outcome->value().get_if<StubRef>()) hook = HookRef(settled->hook);
  return hook;
}

Written SessionCore::send_stream(ImportId id, PathView path, Arguments arguments) {
  const Turn turn;
  if (auto refused = room_for_import()) return {make_rejected(std::move(*refused))};
  if (parcels_) {
    auto shipped = ship_packed({.type = Message::Type::kStream,
                                .id = static_cast<std::int64_t>(id),
                                .path = Path(path.begin(), path.end()),
                                .values = std::move(arguments.values)});
    if (!shipped) return {make_rejected(std::move(shipped.error()))};
    return {push_sent(ImportHook::Role::kAcknowledgement), *shipped};
  }
  // Before anything is exported for it.
  const std::size_t cost = is_one_way_ ? copy_cost(arguments.values) : 0;
  if (cost > options_->limits.max_stream_buffer - one_way_size_)
    return {make_rejected(too_long_for_batch(options_->limits.max_stream_buffer))};
  std::string text = R"(["stream",["pipeline",)";
  append_id(text, static_cast<std::int64_t>(id));
  text += ',';
  write_path(path, text);
  text += ',';
  auto done = devaluate_arguments(arguments.values, this, text);
  if (!done) return {make_rejected(std::move(done.error()))};
  text += "]]";
  const std::size_t size = utf16_length(text);
  send(text);
  if (!is_one_way_) return {push_sent(ImportHook::Role::kAcknowledgement), size};
  one_way_size_ += cost;
  ++next_push_;
  return {make_resolved({}), size};
}

void SessionCore::send_pull(ImportId id) {
  if (parcels_) return ship({.type = Message::Type::kPull, .id = static_cast<std::int64_t>(id)});
  put_out_printed([&](std::string& text) {
    text += R"(["pull",)";
    append_id(text, static_cast<std::int64_t>(id));
    text += ']';
  });
}

void SessionCore::send_release(ImportId id, std::int64_t count) {
  if (parcels_)
    return ship(
        {.type = Message::Type::kRelease, .id = static_cast<std::int64_t>(id), .count = count});
  put_out_printed([&](std::string& text) {
    text += R"(["release",)";
    append_id(text, static_cast<std::int64_t>(id));
    text += ',';
    append_id(text, count);
    text += ']';
  });
}

void SessionCore::pull_held() {
  std::vector<Ref<ImportHook>> held;
  asked_.for_each([&](ImportHook* hook) {
    if (!hook->is_pulled() && !hook->is_pipelined()) held.emplace_back(hook);
  });
  for (auto& hook : held) hook->pull();
}

// ---- Exporter

std::optional<ImportId> SessionCore::find_import(Hook& hook) {
  // Whoever is found is named in a message: that is what it is for.
  auto* import = dynamic_cast<ImportHook*>(&hook);
  if (!import || &import->session() != this || !import->is_on_wire()) return std::nullopt;
  import->set_pipelined();
  return import->id();
}

Expected<ExportId> SessionCore::export_stub(HookRef hook) {
  if (auto refused = room_for_export()) return std::move(*refused);
  return exports_.offer({.hook = std::move(hook)});
}

Expected<ExportId> SessionCore::export_promise(HookRef hook) {
  if (auto refused = room_for_export()) return std::move(*refused);
  const ExportId id = exports_.offer({.hook = std::move(hook)});
  start_answer(id, *exports_.find(id));
  return id;
}

void SessionCore::unexport(ExportId id) {
  Export entry = exports_.take(id);
  if (entry.answer) --open_answers_;
}

Expected<ExportId> SessionCore::export_writable(HookRef hook) {
  if (auto refused = room_for_export()) return std::move(*refused);
  if (!dynamic_cast<WritableHook*>(hook.get()))
    return Error::type_error("Cannot serialize value: [object WritableStream]");
  return exports_.offer({.hook = std::move(hook)});
}

Expected<ImportId> SessionCore::create_pipe(HookRef readable) {
  auto* source = dynamic_cast<ReadableHook*>(readable.get());
  if (!source) return Error::type_error("Cannot serialize value: [object ReadableStream]");
  return open_pipe(Ref<ReadableHook>(source));
}

Expected<ImportId> SessionCore::create_pipe(Bytes bytes) {
  return open_pipe(make_bytes_source(std::move(bytes)));
}

Expected<ImportId> SessionCore::open_pipe(Ref<ReadableHook> source) {
  if (auto refused = room_for_import()) return std::move(*refused);
  if (parcels_) {
    ship({.type = Message::Type::kPipe});
  } else {
    put_out(R"(["pipe"])");
  }
  HookRef end = push_sent(ImportHook::Role::kStub);
  const ImportId id = static_cast<ImportId>(next_push_ - 1);
  auto target = make_ref<RemoteWritable>(*this, std::move(end), true);
  new_pipes_.push_back({id, std::move(source), std::move(target)});
  return id;
}

// Fed from the end of the turn on, so behind the message that mentions them (S-11).
void SessionCore::start_pipes() {
  for (NewPipe& pipe : std::exchange(new_pipes_, {}))
    static_cast<void>(start_pump(std::move(pipe.source), std::move(pipe.target)));
}

// Released without having been fed. One that has been started in the meantime goes on until the
// session ends, as in the reference.
void SessionCore::abandon_pipe(ImportId id) {
  const auto found = std::find_if(new_pipes_.begin(), new_pipes_.end(),
                                  [id](const NewPipe& pipe) { return pipe.id == id; });
  if (found == new_pipes_.end()) return;
  const NewPipe abandoned = std::move(*found);
  new_pipes_.erase(found);
}

std::optional<Error> SessionCore::on_send_error(const Error& error) {
  if (!options_->on_send_error) return std::nullopt;
  try {
    return options_->on_send_error(error);
  } catch (...) {
    // What was to be redacted must not leave because redacting it failed (E-4).
    return Error("internal error");
  }
}

// ---- Ending

void SessionCore::close() {
  end(Error("RPC session was shut down by disposing the main stub"), false);
}

double SessionCore::now() const {
  const auto time = options_->clock ? options_->clock() : std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::milli>(time.time_since_epoch()).count();
}

void SessionCore::disconnected(Error reason) { end(std::move(reason), true); }

void SessionCore::end(Error reason, bool tell_peer) {
  if (end_reason_) return;
  // Those who are told, when the turn ends, may let the last one go who holds us.
  const Ref<SessionCore> alive(this);
  const Turn turn;
  if (tell_peer && parcels_) {
    ship_error({.type = Message::Type::kAbort}, reason);
  } else if (tell_peer) {
    std::string text = R"(["abort",)";
    if (devaluate_error(reason, this, text)) send(text + ']');
  }
  end_reason_ = std::move(reason);
  ending_.schedule();
  if (output_signal_) output_signal_();
}

// Callbacks first, then what is pending, then what was exported (O-20, O-21).
void SessionCore::finish_ending() {
  for (auto& weak : std::exchange(watches_, {}))
    if (auto registration = weak.lock()) registration->fire(*end_reason_);

  std::vector<Ref<ImportHook>> imports;
  if (main_import_) imports.emplace_back(std::exchange(main_import_, nullptr));
  for (ImportHook* hook : asked_.take_all()) imports.emplace_back(hook);
  for (ImportHook* hook : offered_.take_all()) imports.emplace_back(hook);
  for (auto& hook : imports) {
    if (hook->is_on_wire()) hook->finish({*end_reason_});
    hook->end_detour();
  }

  open_answers_ = 0;
  static_cast<void>(std::exchange(new_pipes_, {}));
  if (auto drained = std::exchange(drained_, nullptr)) drained->resolve({*end_reason_});  // E-9
  static_cast<void>(exports_.take_all());
}

}  // namespace capnweb::detail
