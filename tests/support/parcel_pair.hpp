// parcel_pair.hpp: two sessions joined in memory by parcels.
#pragma once

#include <capnweb/session.hpp>
#include <deque>
#include <utility>

#include "session/session_core.hpp"

namespace capnweb::testing {

// As Pair (pair.hpp), but nothing is text, so nothing is logged.
class ParcelPair {
 public:
  explicit ParcelPair(Value bobs_main, Value alices_main = {}, SessionOptions alices = {},
                      SessionOptions bobs = {})
      : alice_core(make(std::move(alices_main), std::move(alices))),
        bob_core(make(std::move(bobs_main), std::move(bobs))),
        alice(alice_core),
        bob(bob_core) {}

  void run() {
    while (step(*alice_core, *bob_core, to_bob_) || step(*bob_core, *alice_core, to_alice_)) {
    }
  }
  bool is_clean() const {
    return alice.stats() == Session::Stats{1, 1} && bob.stats() == Session::Stats{1, 1};
  }

  detail::Ref<detail::SessionCore> alice_core;
  detail::Ref<detail::SessionCore> bob_core;
  Session alice;
  Session bob;

 private:
  static detail::Ref<detail::SessionCore> make(Value main, SessionOptions options) {
    auto core = detail::make_ref<detail::SessionCore>(std::move(main), std::move(options));
    core->use_parcels();
    return core;
  }
  static bool step(detail::SessionCore& from, detail::SessionCore& to, std::deque<Parcel>& wire) {
    Parcels parcels;
    from.take_parcels(parcels);
    for (Parcel& parcel : parcels.list) wire.push_back(std::move(parcel));
    if (wire.empty()) return false;
    Parcel parcel = std::move(wire.front());
    wire.pop_front();
    to.receive(std::move(parcel));
    return true;
  }

  std::deque<Parcel> to_bob_;
  std::deque<Parcel> to_alice_;
};

}  // namespace capnweb::testing
