// batch_client.hpp: sessions whose messages travel as one HTTP POST and its answer.
#pragma once

#include <capnweb/batch.hpp>
#include <capnweb/detail/ref.hpp>

#include "net/url.hpp"

namespace capnweb {

class Loop;

namespace detail {
class SessionCore;
}

// A session that is one batch over a connection of its own (T-11 to T-16). The POST leaves at the
// end of the loop turn in which something was first pulled; a batch nobody pulls from is never
// posted. REQUIRES: `url` is http or https.
detail::Ref<detail::SessionCore> connect_batch(Loop& loop, const ServerUrl& url,
                                               BatchOptions options);

}  // namespace capnweb
