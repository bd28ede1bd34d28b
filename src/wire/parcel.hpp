// parcel.hpp: a message between two sessions of one process: values that move, and no text.
//
// What text means by an expression is here the value itself, as the peer is to receive it. Only its
// capabilities stay behind: each leaves an empty place in the values, and its claim, by which the
// receiver finds or makes its own. So a parcel owns plain data alone and may be handed to another
// thread, which may also throw it away.
#pragma once

#include <capnweb/value.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "wire/expression.hpp"
#include "wire/message.hpp"

namespace capnweb {

// A capability among the values, by ids from the sender's view (M-1).
struct Claim {
  enum class Kind : std::uint8_t {
    kImport,    // something that the receiver exports, as a stub
    kPipeline,  // the same as a promise: of what lies at the end of `path`
    kExport,    // the sender offers a stub, a promise, a stream to write to
    kPromise,
    kWritable,
    kReadable,  // the reading end of the pipe that the sender has opened
  };
  Kind kind;
  std::int64_t id;
  Path path = {};
};

struct Parcel {
  // What a push asks for: ["pipeline",target,path], with arguments or without, or a ["remap",...].
  enum class Request : std::uint8_t { kCall, kGet, kMap };

  Message::Type type;
  Request request = Request::kCall;
  std::int64_t id = 0;  // whom the message is about; of a push: the target
  std::int64_t count = 0;
  Path path = {};
  Array values = {};               // the arguments of a call; else the one value there is
  std::vector<Claim> claims = {};  // in the order of their places; of a map: its captures
  std::string instructions = {};   // of a map
  std::size_t size = 0;            // bytes that it takes, about
};

// Parcels on their way, in order.
struct Parcels {
  std::vector<Parcel> list;
  std::size_t size = 0;  // of all of them

  bool empty() const noexcept { return list.empty(); }
  void add(Parcel parcel) {
    size += parcel.size;
    list.push_back(std::move(parcel));
  }
  // Moves `more` behind these and leaves it empty.
  void append(Parcels& more) {
    if (empty()) std::swap(*this, more);
    size += more.size;
    list.insert(list.end(), std::move_iterator(more.list.begin()),
                std::move_iterator(more.list.end()));
    more.clear();
  }
  // Keeps the memory, if that is not much.
  void clear() noexcept {
    constexpr std::size_t kKept = 1024;
    if (list.capacity() > kKept) list = {};
    list.clear();
    size = 0;
  }
};

// Makes `parcel.values` what the peer is to receive: by the very rules that hold for text, so it
// drops, changes and refuses the same. On failure what was exported is taken back.
Expected<Done> pack(Parcel& parcel, Exporter& exporter, Ownership ownership);
// The same for a rejection: the one value is the error, or the thrown value that it carries (V-44).
Expected<Done> pack_error(Parcel& parcel, const Error& error, Exporter& exporter);

// Puts capabilities back in their places and starts what a push asks for. An error is the sender's
// breach of the protocol, as in evaluate().
Expected<Evaluated> unpack(Parcel& parcel, Importer& importer);

}  // namespace capnweb
