#include <gnutls/gnutls.h>

#include "net/webtransport/tls.hpp"
