// boost.cpp: the parts of Asio and Beast that are compiled once, here.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
