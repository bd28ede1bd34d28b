// asio.hpp: a loop on an Asio executor of the application. The one header that includes Boost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <capnweb/loop.hpp>

namespace capnweb {

// A loop that lives on somebody else's io_context: run that, not the loop. `executor` must run one
// thing at a time: an io_context with one thread, or a strand. Everything that belongs to the loop
// is used from there only. Destroy the loop there, too, and before the context.
//
//   boost::asio::io_context context;
//   capnweb::Loop loop = capnweb::make_loop(context.get_executor());
//   loop.spawn(client());
//   context.run();
Loop make_loop(boost::asio::any_io_executor executor);

}  // namespace capnweb
