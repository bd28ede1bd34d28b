// expression.hpp: values to their text on the wire, and back.
//
// Devaluating prints a Value as an expression; evaluating makes a Value of a parsed expression and
// starts the calls in it. Neither holds state; what they need of a session comes through Exporter
// and Importer.
#pragma once

#include <capnweb/detail/outcome.hpp>
#include <capnweb/limits.hpp>
#include <capnweb/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "value/expected.hpp"
#include "value/json_tape.hpp"

namespace capnweb {

// Ids as one side of a session counts them. Ids in a message are always from its sender's view
// (M-1): the sender's imports are the receiver's exports.
enum class ExportId : std::int64_t {};
enum class ImportId : std::int64_t {};

// What evaluating needs of a session (or of a map() being replayed).
class Importer {
 public:
  virtual ~Importer() = default;
  // ["export",id]: the peer offers a capability; counts one more introduction of it.
  virtual Expected<detail::HookRef> import_stub(ImportId id) = 0;
  // ["promise",id]: the peer announces a promise that it will resolve unasked (M-17).
  virtual Expected<detail::HookRef> import_promise(ImportId id) = 0;
  // ["import",id] and ["pipeline",id,...]: something of ours. "no such entry on exports table: 5"
  // if there is none (M-43).
  virtual Expected<detail::HookRef> find_export(ExportId id) = 0;
  // ["readable",id]: the reading end of a pipe, once (S-14).
  virtual Expected<detail::HookRef> take_readable(ExportId id) = 0;
  // ["blob",type,...]: the promise of the Blob that `readable` will have given (V-55).
  virtual Expected<detail::HookRef> collect_blob(std::string type, detail::HookRef readable) = 0;
  // ["writable",id]: the peer offers a stream to write to.
  virtual Expected<detail::HookRef> import_writable(ImportId id) = 0;
  // What a ["remap",...] in the expression may do; null: whatever it wants.
  virtual std::shared_ptr<detail::MapBudget> map_budget() = 0;
};

struct Evaluated {
  Value value;
  bool holds_promises = false;  // the root, or somewhere inside
};

// Makes the value of an expression. An error here is the peer's breach of the protocol and ends the
// session (M-10); a call that fails is a rejected promise in the value. A null `importer` is a
// context without a session: capabilities are refused (V-66).
Expected<Evaluated> evaluate(JsonView expression, Importer* importer, const Limits& limits);

// What a call of a method gives, as ["pipeline",id,["method"],arguments] does, most expressions
// that are pushed, without a Value around it; `arguments`, an array, were parsed alone.
Expected<detail::HookRef> evaluate_call(detail::Hook& callee, std::string_view method,
                                        JsonView arguments, Importer* importer,
                                        const Limits& limits);

// What devaluating needs of a session.
class Exporter {
 public:
  virtual ~Exporter() = default;
  // The id under which the peer exports `hook` to us, if this very session holds it.
  virtual std::optional<ImportId> find_import(detail::Hook& hook) = 0;
  // Offers a capability under a fresh negative id (M-19).
  virtual Expected<ExportId> export_stub(detail::HookRef hook) = 0;
  // Announces a promise under a fresh negative id; its resolve follows (M-17).
  virtual Expected<ExportId> export_promise(detail::HookRef hook) = 0;
  // ["writable",id].
  virtual Expected<ExportId> export_writable(detail::HookRef hook) = 0;
  // Takes back, without a message, what an expression offered that will not be sent (O-24).
  virtual void unexport(ExportId id) = 0;
  // Opens a pipe fed by `readable`: sends ["pipe"] before the message being made (S-11).
  virtual Expected<ImportId> create_pipe(detail::HookRef readable) = 0;
  // A pipe fed by bytes at hand, for Blobs (V-53).
  virtual Expected<ImportId> create_pipe(Bytes bytes) = 0;
  // Takes a pipe back whose expression will not be sent: nobody will read it (S-24).
  virtual void abandon_pipe(ImportId id) = 0;
  // The error to send in place of `error`, with its stack; nothing: the error without (E-1).
  virtual std::optional<Error> on_send_error(const Error& error) = 0;
};

enum class Ownership : std::uint8_t {
  kOwned,  // arguments and results: capabilities may travel
  kNone,   // the errors of rejects and aborts: capabilities in them are dropped (V-40)
};

// Whether printing the value needs nothing of a session and runs nobody's code: no capability, no
// error and no body is in it, and it is not very deep.
bool is_plain_data(const Value& value) noexcept;
bool are_plain_data(std::span<const Value> values) noexcept;

// Appends the expression of `value` to `out`. On failure `out` is as it was and what was exported
// for it is taken back. A null `exporter` is a context without a session (V-66).
Expected<Done> devaluate(const Value& value, Exporter* exporter, Ownership ownership,
                         std::string& out);

// The same for the argument list of a call: a plain array, not an escaped one (V-28).
Expected<Done> devaluate_arguments(std::span<const Value> arguments, Exporter* exporter,
                                   std::string& out);

// ["reject",...]'s expression: the error, or the thrown value that it carries (V-44).
Expected<Done> devaluate_error(const Error& error, Exporter* exporter, std::string& out);

// The path of a call as JSON: ["users",3,"name"].
void write_path(PathView path, std::string& out);

}  // namespace capnweb
