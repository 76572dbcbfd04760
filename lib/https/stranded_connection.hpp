// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_HTTPS_STRANDED_CONNECTION_HPP
#define BINARLY_HTTPS_STRANDED_CONNECTION_HPP

#include "https/connection.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace binarly::https {

/// Makes the connection that does the work, for a listener of ours.
using connection_maker =
    std::function<std::shared_ptr<connection>(std::weak_ptr<connection_listener> listener)>;

/// Puts a connection on an executor of its own, `own`: encryption and parsing then run beside the
/// pool and beside other connections. Used, and heard of, on `owners`; both are strands when there
/// are threads. The reader is called on `own`, and never again once `release` or `abort` returned.
[[nodiscard]] std::shared_ptr<connection> make_stranded_connection(
    boost::asio::any_io_executor owners, boost::asio::any_io_executor own,
    std::weak_ptr<connection_listener> listener, const connection_maker& make);

}  // namespace binarly::https

#endif
