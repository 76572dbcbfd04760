// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

// The macro bench's client on libcurl's multi interface: the loop of its manual, or one on epoll.
//
//   lookups_curl PORT CA_FILE LOOKUPS [epoll]

#include "lookup.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <curl/curl.h>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <unistd.h>

namespace {

namespace json = boost::json;
using namespace binarly;

void require(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

void require(CURLMcode code) {
  if (code != CURLM_OK) throw std::runtime_error(curl_multi_strerror(code));
}

struct transfer {
  CURL* handle = nullptr;
  std::string body;
};

std::size_t on_body(char* data, std::size_t, std::size_t count, void* to) {
  static_cast<transfer*>(to)->body.append(data, count);
  return count;
}

class loop {
 public:
  virtual ~loop() = default;
  virtual void step() = 0;
};

class manual_loop final : public loop {
 public:
  explicit manual_loop(CURLM* multi) : multi_(multi) {}

  void step() override {
    int running = 0;
    require(curl_multi_perform(multi_, &running));
    if (running > 0) require(curl_multi_poll(multi_, nullptr, 0, 1000, nullptr));
  }

 private:
  CURLM* const multi_;
};

/// libcurl tells which sockets to watch, and epoll watches them: less work than `curl_multi_poll`,
/// which looks at all of them each time.
class epoll_loop final : public loop {
 public:
  explicit epoll_loop(CURLM* multi) : multi_(multi), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
    require(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &epoll_loop::on_socket));
    require(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this));
    require(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &epoll_loop::on_timer));
    require(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this));
  }
  ~epoll_loop() { ::close(epoll_); }
  epoll_loop(const epoll_loop&) = delete;
  epoll_loop& operator=(const epoll_loop&) = delete;

  void step() override {
    int running = 0;
    std::array<epoll_event, 64> events{};
    const int ready =
        timeout_ == 0 ? 0 : ::epoll_wait(epoll_, events.data(), events.size(), timeout_);
    if (ready < 0 && errno != EINTR) throw std::runtime_error("epoll_wait failed");
    if (ready <= 0) {
      timeout_ = -1;
      require(curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running));
    }
    for (int i = 0; i < ready; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const int what = ((event.events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                       ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                       ((event.events & EPOLLERR) != 0 ? CURL_CSELECT_ERR : 0);
      require(curl_multi_socket_action(multi_, event.data.fd, what, &running));
    }
  }

 private:
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    epoll_event event{};
    event.data.fd = socket;
    event.events = ((what & CURL_POLL_IN) != 0 ? unsigned{EPOLLIN} : 0u) |
                   ((what & CURL_POLL_OUT) != 0 ? unsigned{EPOLLOUT} : 0u);
    const int epoll = static_cast<epoll_loop*>(self)->epoll_;
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event);
    } else if (::epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0) {
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    }
    return 0;
  }
  static int on_timer(CURLM*, long timeout, void* self) {
    static_cast<epoll_loop*>(self)->timeout_ = static_cast<int>(timeout);
    return 0;
  }

  CURLM* const multi_;
  const int epoll_;
  int timeout_ = -1;  // in milliseconds; negative for none
};

void look_up(const bench::client_arguments& arguments) {
  CURLM* const multi = curl_multi_init();
  std::unique_ptr<loop> events;
  if (arguments.told("epoll")) {
    events = std::make_unique<epoll_loop>(multi);
  } else {
    events = std::make_unique<manual_loop>(multi);
  }
  curl_slist* fields = curl_slist_append(nullptr, "Accept: application/json");
  fields = curl_slist_append(fields, ("Authorization: Bearer " + bench::token()).c_str());
  const std::string url = "https://" + std::string(bench::host) + ':' +
                          std::to_string(arguments.port) + bench::target();

  std::array<transfer, bench::connections> transfers;
  std::uint64_t begun = 0;
  for (auto& each : transfers) {
    if (begun == arguments.count) break;
    ++begun;
    each.handle = curl_easy_init();
    require(curl_easy_setopt(each.handle, CURLOPT_URL, url.c_str()));
    require(curl_easy_setopt(each.handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1}));
    require(curl_easy_setopt(each.handle, CURLOPT_CAINFO, arguments.ca_file.c_str()));
    require(curl_easy_setopt(each.handle, CURLOPT_HTTPHEADER, fields));
    require(curl_easy_setopt(each.handle, CURLOPT_USERAGENT, "lookups_curl"));
    require(curl_easy_setopt(each.handle, CURLOPT_NOSIGNAL, 1L));
    require(curl_easy_setopt(each.handle, CURLOPT_WRITEFUNCTION, &on_body));
    require(curl_easy_setopt(each.handle, CURLOPT_WRITEDATA, &each));
    require(curl_easy_setopt(each.handle, CURLOPT_PRIVATE, &each));
    require(curl_multi_add_handle(multi, each.handle));
  }
  for (std::uint64_t done = 0; done < arguments.count;) {
    events->step();
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      require(message->data.result);
      CURL* const handle = message->easy_handle;
      long status = 0;
      require(curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status));
      if (status != 200) throw std::runtime_error("status " + std::to_string(status));
      transfer* finished = nullptr;
      require(curl_easy_getinfo(handle, CURLINFO_PRIVATE, &finished));
      const json::value found = json::parse(finished->body);
      bench::check(found.at("id").as_string(), found.at("version").as_string());
      ++done;

      finished->body.clear();
      require(curl_multi_remove_handle(multi, handle));
      if (begun == arguments.count) continue;
      ++begun;
      require(curl_multi_add_handle(multi, handle));
    }
  }
  for (const auto& each : transfers)
    curl_easy_cleanup(each.handle);
  curl_slist_free_all(fields);
  curl_multi_cleanup(multi);
}

}  // namespace

int main(int argc, char** argv) try {
  require(curl_global_init(CURL_GLOBAL_DEFAULT));
  look_up(bench::client_arguments(argc, argv));
  std::cout << bench::connections << '\n';
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  std::cerr << "lookups_curl: " << problem.what() << '\n';
  return EXIT_FAILURE;
}
