// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_CALL_EVENT_SINK_HPP
#define BINARLY_CALL_EVENT_SINK_HPP

#include <binarly/event.hpp>

namespace binarly::call {

/// Takes events in; calls nobody from within. Where nobody listens there is none.
class event_sink {
 public:
  virtual void tell(event what) = 0;

 protected:
  ~event_sink() = default;
};

}  // namespace binarly::call

#endif
