#!/bin/sh
# A walk through the whole REST API, one request a line, on a running demo (`cargo demo`):
#
#   docs/tour.sh
#
#   BASE_URL       where the API is            (http://127.0.0.1:8000)
#   SIMULATOR_URL  where the simulated LINE is (the demo's: 700 ports above the API)
#   LOGIN          an admin's name:password    (admin:moon-festival-2026)
#
# It needs sh, curl, sed and tr, can be repeated, and ends with the first answer that is not as it should
# be. A section is a function below; to add one, write it, and name it in SECTIONS.
#
#   step STATUS METHOD PATH TITLE [BODY]   asks and insists on the status; the answer is in $ANSWER
#   file STATUS PATH TITLE FILE [FIELD]    the same, POSTing a file as a form
#   stream PATH TITLE                      reads a stream of events, to its end or for three seconds
#   await TEXT PATH TITLE                  GETs until the answer contains the text (15 s)
#   has TEXT                               insists that the last answer contains it
#   pick NAME                              the first value of that name in the last answer
#   line METHOD PATH [BODY]                asks the simulated LINE; its answer is in $ANSWER
set -eu

SECTIONS="public sign_in users members tags uploads templates guests campaigns taps auto_responses messages
  conversations imports pms reports exports bulk_tags timeline merges idempotency stop_everything jobs audit_log tidy_up"

BASE_URL=${BASE_URL:-http://127.0.0.1:8000}
port=${BASE_URL##*:}
SIMULATOR_URL=${SIMULATOR_URL:-${BASE_URL%:*}:$((${port%%/*} + 700))}
LOGIN=${LOGIN:-admin:moon-festival-2026}

RUN=$(date +%s)$$ # makes names new at each run
LATER=$(($(date +%Y) + 1))-06-01T10:00:00+08:00
PHONE=$(printf '%s' "$RUN" | cut -c 4-10)
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
TOKEN=
EXTRA_HEADER=
MAY_END= # the status of curl that is no failure

public() {
  step 200 GET /health "The process lives"
  step 200 GET /ready "It can work"
  step 404 GET /metrics "Figures for Prometheus, where METRICS_TOKEN is set"
  step 200 GET /openapi.json "What there is, for programs"
  step 404 GET /nothing-here "An address that leads nowhere"
  has '"error_code":"not_found"'
  step 401 POST /line/webhook "A webhook request that LINE has not signed" '{"destination": "x", "events": []}'
  step 404 GET /t/unknown "A tracked link that nobody made"
}

sign_in() {
  step 401 GET /auth/me "Nobody is signed in yet"
  step 401 POST /auth/login "A wrong password" "$(login_body "${LOGIN%%:*}" wrong-password)"
  log_in "${LOGIN%%:*}" "${LOGIN#*:}"
  step 200 GET /auth/me "Who I am"
  has '"role":"admin"'
  step 200 POST /auth/refresh "A new token for a good one"
  TOKEN=$(pick access_token)
  ADMIN_TOKEN=$TOKEN
}

users() {
  step 201 POST /users "A colleague at the desk" "$(user_body "desk$RUN")"
  colleague=$(pick id)
  step 409 POST /users "The name is taken" "$(user_body "desk$RUN")"
  step 200 GET "/users?search=desk$RUN&role=customer_service&page_size=5" "Look for them"
  has '"total":1'
  step 200 GET "/users/$colleague" "Their page"
  step 200 PUT "/users/$colleague" "Their full name" '{"full_name": "林小美"}'
  has '林小美'
  log_in "desk$RUN" desk-password-1
  step 403 GET /users "Users are the admin's business"
  step 200 POST /auth/change-password "A password of their own" \
    '{"current_password": "desk-password-1", "new_password": "desk-password-2"}'
  step 200 POST /auth/logout "The colleague goes home"
  step 401 GET /auth/me "Their token has ended"
  TOKEN=$ADMIN_TOKEN
  step 200 PUT "/users/$colleague" "They leave the hotel" '{"is_active": false}'
  step 401 POST /auth/login "Who left cannot sign in" "$(login_body "desk$RUN" desk-password-2)"
}

members() {
  id_number="T$RUN"
  step 201 POST /members "A guest, typed in by staff" '{"first_name": "小華", "last_name": "李",
    "gender": "female", "email": "li.'"$RUN"'@example.com", "phone": "0988-'"$PHONE"'",
    "birthday": "1990-05-20", "id_number": "'"$id_number"'"}'
  member=$(pick id)
  step 409 POST /members "The id number is taken" '{"last_name": "林", "id_number": "'"$id_number"'"}'
  step 400 POST /members "A guest without any name or address" '{"gender": "male"}'
  step 200 GET "/members?search=li.$RUN&sort_by=created_at&order=desc" "Look for them"
  has '"total":1'
  step 200 GET "/members?page=9999&page_size=100" "A page past the end is empty"
  has '"items":\[\]'
  step 400 GET "/members?source=space" "A filter that does not exist"
  step 200 GET "/members/$member" "Their page"
  step 404 GET /members/999999999 "A guest who does not exist"
  step 200 PUT "/members/$member" "A change: absent stays, null clears" '{"birthday": null, "last_name": "李"}'
  has '"birthday":null'
  step 200 PUT "/members/$member/notes" "What staff should know" '{"notes": "常預訂商務房型，偏好高樓層"}'
  step 201 POST "/members/$member/consumption-records" "A stay" '{"order_number": "#'"$RUN"'",
    "room_type": "商務雙人房", "amount": 18000, "check_in_date": "2025-09-15", "check_out_date": "2025-09-18"}'
  has '"nights":3'
  step 200 GET "/members/$member/consumption-records?page_size=10" "Their stays"
}

tags() {
  step 201 POST /tags "What a guest is" '{"name": "導覽'"$RUN"'", "type": "member", "description": "導覽用"}'
  tag=$(pick id)
  step 409 POST /tags "The name is taken" '{"name": "導覽'"$RUN"'", "type": "member"}'
  step 201 POST /tags "What a guest did" '{"name": "點擊'"$RUN"'", "type": "interaction"}'
  clicked_tag=$(pick id)
  step 200 GET "/tags?type=member&search=$RUN" "Look for it"
  has '"total":1'
  step 200 GET /tags/statistics "Tags in figures"
  step 200 GET "/tags/$tag" "One tag"
  step 200 PUT "/tags/$tag" "A better description" '{"description": "導覽的客人"}'
  step 200 POST "/members/$member/tags" "Put it on a guest" '{"tag_ids": ['"$tag"']}'
  step 200 GET "/members?tags=$tag" "Who wears it"
  has '"total":1'
  step 200 DELETE "/members/$member/tags/$tag" "Take it off"
}

templates() {
  step 201 POST /templates "A text with the guest's name" \
    '{"type": "text", "name": "問候'"$RUN"'", "content": "{{display_name|貴賓}} 您好"}'
  text=$(pick id)
  step 201 POST /templates "Text with a button that leads to an offer" '{"type": "text_button", "name": "優惠'"$RUN"'",
    "content": "{{display_name|貴賓}} 您好，中秋住房 8 折。", "notification_text": "中秋特別優惠來了！",
    "preview_text": "點擊查看", "buttons": [{"label": "看優惠", "interaction_tag_id": '"$clicked_tag"',
    "interaction_result": {"type": "open_url", "value": "https://hotel.example/moon"}}]}'
  template=$(pick id)
  step 201 POST /templates "Cards with pictures" '{"type": "image_card", "name": "卡片'"$RUN"'",
    "notification_text": "新方案", "preview_text": "點擊查看", "carousel_items": [
    {"image_url": "'"$picture"'", "title": "商務優惠方案", "price": 3200,
     "action_url": "https://hotel.example/business"}]}'
  cards=$(pick id)
  step 400 POST /templates "A tap answered with a template that does not exist" '{"type": "text_button",
    "name": "回覆'"$RUN"'", "content": "想看什麼？", "notification_text": "想看什麼？", "buttons": [{"label": "菜單",
    "interaction_result": {"type": "trigger_template", "value": "999999999"}}]}'
  step 400 POST /templates "A text without words" '{"type": "text", "name": "空白"}'
  step 200 GET "/templates?type=text_button&page_size=5" "A page of templates"
  step 200 GET "/templates/$cards" "One template"
  step 200 PUT "/templates/$cards" "Another notification" '{"notification_text": "新方案上線"}'
  step 200 GET "/templates/$template/preview" "The very message that LINE will get"
  has '"messages"'
  step 200 DELETE "/templates/$cards" "Away with the cards"
}

guests() {
  line POST /sim/friends '{"display_name": "小明'"$RUN"'"}'
  guest=$(pick uid)
  await '"total":1' "/members?search=%E5%B0%8F%E6%98%8E$RUN" "A guest who follows the account becomes a member"
  has '"line_state":"following"'
  friend=$(pick id)
  step 200 POST "/members/$friend/tags" "Tag them" '{"tag_ids": ['"$tag"']}'
}

campaigns() {
  audience='{"type": "tags", "include_tags": ['"$tag"']}'
  step 200 POST /campaigns/audience-estimate "How many would it reach" '{"target_audience": '"$audience"'}'
  has '"estimated_recipients":1'
  step 200 POST /campaigns/audience-estimate "By a rule: tagged friends who never stayed and got nothing this week" \
    '{"target_audience": {"type": "rules", "rule": {"all": [{"tags": {"any_of": ['"$tag"']}}, {"not": {"stays": {}}},
    {"not": {"campaign": {"within_days": 7, "did": "got"}}}]}}}'
  has '"estimated_recipients":1'
  step 400 POST /campaigns/audience-estimate "A rule with an empty bracket" \
    '{"target_audience": {"type": "rules", "rule": {"all": []}}}'
  step 201 POST /campaigns "A draft" '{"title": "草稿'"$RUN"'", "template_id": '"$text"', "target_audience": {"type": "all"}}'
  draft=$(pick id)
  has '"status":"draft"'
  step 200 PUT "/campaigns/$draft" "Schedule it" '{"scheduled_at": "'"$LATER"'"}'
  has '"status":"scheduled"'
  step 200 POST "/campaigns/$draft/cancel" "Call it off"
  step 201 POST /campaigns "Another draft" '{"title": "導覽'"$RUN"'", "template_id": '"$text"', "target_audience": {"type": "all"}}'
  step 200 DELETE "/campaigns/$(pick id)" "Drafts can be deleted"
  step 201 POST /campaigns "To everybody with the tag" \
    '{"title": "中秋'"$RUN"'", "template_id": '"$template"', "target_audience": '"$audience"'}'
  campaign=$(pick id)
  step 200 GET "/campaigns/$campaign/preview?member_id=$friend" "Look before sending"
  has '"quota"'
  step 202 POST "/campaigns/$campaign/send" "Send"
  await '"status":"sent"' "/campaigns/$campaign" "Until everybody is settled"
  has '"sent_count":1'
  step 200 POST "/campaigns/$campaign/test-send" "To one guest, to look at" '{"member_ids": ['"$friend"']}'
  has '"status":"sent"'
  step 409 POST "/campaigns/$campaign/send" "Never twice"
  step 409 POST "/campaigns/$campaign/pause" "What is sent cannot be paused"
  step 409 POST "/campaigns/$campaign/resume" "And not be resumed"
  step 409 POST "/campaigns/$campaign/retry-failed" "Nobody failed"
  step 200 GET "/campaigns?status=sent&page_size=5" "A page of campaigns"
  step 201 POST /campaigns "For whoever has been a friend for a year" '{"title": "週年'"$RUN"'",
    "template_id": '"$text"', "target_audience": '"$audience"',
    "trigger_condition": {"type": "friend_days", "days_range": [365, 366]}}'
  yearly=$(pick id)
  step 200 POST "/campaigns/$yearly/activate" "From now on, every hour"
  has '"status":"active"'
  step 200 POST "/campaigns/$yearly/cancel" "No more"
  step 200 GET "/campaigns/$campaign/recipients?status=sent" "Who got it"
  step 200 GET "/campaigns/$campaign/history" "What happened to it, and who did it"
  has '"kind":"finished"'
  stream "/campaigns/$campaign/events" "Its progress, as long as there is any"
  has 'event: campaign.progress'
  has '"status":"sent"'
}

taps() {
  line GET "/sim/friends/$guest/messages"
  link=$(pick uri)
  step 302 HEAD "/t/${link##*/t/}" "A look at the link does not count"
  step 302 GET "/t/${link##*/t/}" "Nor does curl, but it is led on"
  line POST "/sim/friends/$guest/tap" '{"action": {"type": "uri", "uri": "'"$link"'"}, "follow": true}'
  await '"total":1' "/campaigns/$campaign/recipients?status=clicked" "The guest's tap counts"
  await "點擊$RUN" "/members/$friend" "And puts the tag on"
  step 200 GET "/tags/$clicked_tag/triggers?page_size=10" "Who got the tag for what"
  has '"label":"看優惠"'
}

auto_responses() {
  step 201 POST /auto-responses "An answer to a word" '{"name": "優惠'"$RUN"'", "trigger_type": "keyword",
    "content": "目前的優惠", "keywords": ["優惠'"$RUN"'"], "is_active": true}'
  rule=$(pick id)
  step 400 POST /auto-responses "A keyword answer without keywords" \
    '{"name": "空白", "trigger_type": "keyword", "content": "您好"}'
  step 200 GET "/auto-responses?trigger_type=keyword&is_active=true" "All of them"
  step 200 GET "/auto-responses/$rule" "One of them"
  step 200 PUT "/auto-responses/$rule" "Other words" '{"content": "本月優惠"}'
  step 200 POST /auto-responses/try "Which one would answer" '{"text": "請問有優惠'"$RUN"'嗎"}'
  has '本月優惠'
  line POST "/sim/friends/$guest/text" '{"text": "有優惠'"$RUN"'嗎？"}'
  await '本月優惠' "/messages?member_id=$friend&direction=outgoing&page_size=1" "A guest asks, and is answered"
  has '"sender_type":"auto"'
  step 200 PATCH "/auto-responses/$rule/toggle" "Switch it off" '{"is_active": false}'
  step 200 DELETE "/auto-responses/$rule" "Away with it"
}

messages() {
  stream /events "What happens, while it happens"
  place=$(printf '%s' "$ANSWER" | sed -n 's/^id: //p' | sed -n 1p)
  line POST "/sim/friends/$guest/text" '{"text": "請問有商務房嗎 '"$RUN"'"}'
  await "$RUN" "/messages?member_id=$friend&direction=incoming" "A guest writes"
  step 201 POST /messages "Staff write to a guest" \
    '{"member_id": '"$friend"', "content": "'"$RUN"' 有商務房", "message_type": "text"}'
  step 200 GET "/messages/$(pick id)" "One message"
  has '"status":"sent"'
  EXTRA_HEADER="Last-Event-ID: $place"
  stream "/events?member_id=$friend&kinds=message.received,message.sent" "What was missed meanwhile"
  EXTRA_HEADER=
  has 'event: message.received'
  has 'event: message.sent'
  line GET "/sim/friends/$guest/messages"
  has "$RUN 有商務房"
  step 200 GET "/messages?member_id=$friend&direction=outgoing" "All that the hotel wrote"
  step 200 GET "/messages/conversation/$friend?page_size=50" "The conversation"
  has "$RUN 有商務房"
  line POST "/sim/friends/$guest/file" '{"name": "訂房.txt", "mime": "text/plain", "base64": "Um9vbSAxMjA4"}'
  await '"state":"stored"' "/messages?member_id=$friend&direction=incoming&page_size=1" "A guest sends a file"
  step 200 GET "/messages/$(pick id)/media" "The file itself"
  has "Room 1208"
  line POST "/sim/friends/$guest/sticker" '{"package_id": "446", "sticker_id": "1988", "keywords": ["hi"]}'
  await '"kind":"sticker"' "/messages?member_id=$friend&direction=incoming&page_size=1" "A sticker"
  step 404 GET "/messages/$(pick id)/media" "A sticker has no content to fetch"
  has media_not_found
  step 202 POST /messages "A message for later" '{"member_id": '"$friend"', "content": "提醒您",
    "message_type": "text", "scheduled_at": "'"$LATER"'"}'
  step 200 DELETE "/messages/$(pick id)" "Not needed any more"
  step 201 POST /templates "A template for one guest" \
    '{"name": "歡迎'"$RUN"'", "type": "text", "content": "{{display_name|貴賓}}，歡迎 '"$RUN"'"}'
  welcome=$(pick id)
  step 201 POST /messages "The template, to one guest" \
    '{"member_id": '"$friend"', "message_type": "template", "template_id": '"$welcome"'}'
  has "歡迎 $RUN"
  step 400 POST /messages "A template that is not there" \
    '{"member_id": '"$friend"', "message_type": "template", "template_id": 999999999}'
  has '"field":"template_id"'
  step 200 DELETE "/templates/$welcome" "What was sent with it stays"
  step 409 POST /messages "A guest without LINE" '{"member_id": '"$member"', "content": "您好", "message_type": "text"}'
}

conversations() {
  line POST "/sim/friends/$guest/text" '{"text": "請問早餐幾點 '"$RUN"'"}'
  await "早餐幾點 $RUN" "/messages?member_id=$friend&direction=incoming" "A guest asks again"
  step 200 GET "/messages/conversations?unread=true&needs_answer=true&page_size=100" "Who waits for an answer"
  has "早餐幾點 $RUN"
  step 200 GET "/messages/conversation/$friend?search=$RUN&mark_read=false" "A look that leaves it unread"
  step 200 POST "/messages/conversation/$friend/read" "Now it was read"
  has '"read":'
  step 200 GET /auth/me "Who I am"
  step 200 PUT "/messages/conversation/$friend/assignment" "I look after this one" '{"user_id": '"$(pick id)"'}'
  step 200 GET "/messages/conversations?assigned_to=me&search=" "Mine"
  has "早餐幾點 $RUN"
  step 200 PUT "/messages/conversation/$friend/assignment" "Nobody in particular again" '{"user_id": null}'
  step 400 GET "/messages/conversations?assigned_to=you" "Whose?"
  step 201 POST "/messages/conversation/$friend/notes" "A note for colleagues" '{"content": "想要安靜的房間"}'
  note=$(pick id)
  step 200 PUT "/messages/conversation/$friend/notes/$note" "In other words" '{"content": "要高樓層"}'
  step 200 GET "/messages/conversation/$friend/notes" "All notes"
  has '要高樓層'
  step 200 DELETE "/messages/conversation/$friend/notes/$note" "Away with it"
  step 201 POST /canned-replies "A reply to keep ready" '{"title": "早餐 '"$RUN"'", "shortcut": "/bf'"$RUN"'",
    "content": "{{display_name|貴賓}}您好，早餐七點開始"}'
  reply=$(pick id)
  step 409 POST /canned-replies "The same shortcut" '{"title": "早餐", "shortcut": "/BF'"$RUN"'", "content": "七點"}'
  step 200 GET "/canned-replies?search=bf$RUN" "Found by its shortcut"
  step 200 GET "/canned-replies/$reply" "As it was written"
  step 200 GET "/canned-replies/$reply/text?member_id=$friend" "As this guest would read it"
  has '您好，早餐七點開始'
  step 200 PUT "/canned-replies/$reply" "Other words" '{"content": "早餐六點半開始"}'
  step 200 DELETE "/canned-replies/$reply" "Away with it"
}

uploads() {
  # The smallest PNG there is: one pixel.
  printf '\211\120\116\107\015\012\032\012\000\000\000\015\111\110\104\122\000\000\000\001\000\000\000\001\010\000\000\000\000\072\176\233\125\000\000\000\012\111\104\101\124\170\332\143\370\017\000\001\001\001\000\034\260\214\231\000\000\000\000\111\105\116\104\256\102\140\202' >"$FOLDER/dot.png"
  file 201 /upload/image "A picture for a template" "$FOLDER/dot.png"
  picture=$(pick url)
  step 200 GET "$picture" "It can be seen without signing in"
  step 200 HEAD "$picture" "Its headers"
  printf 'no picture' >"$FOLDER/words.png"
  file 415 /upload/image "Words that call themselves a picture" "$FOLDER/words.png"
}

imports() {
  printf 'last_name,first_name,email\n陳,大文,chen.%s@example.com\n,,nobody\n' "$RUN" >"$FOLDER/guests.csv"
  file 202 "/members/import?dry_run=true" "Guests from a file: a rehearsal" "$FOLDER/guests.csv"
  import=$(pick task_id)
  await '"status":"completed"' "/members/imports/$import" "Until it is read"
  has '"dry_run":true'
  step 200 GET "/members/imports/$import/errors" "What is wrong in which row"
  has '"row":3'
  file 202 /members/import "And now really" "$FOLDER/guests.csv"
  await '"total":1' "/members?search=chen.$RUN" "The guest is there"
  step 200 GET "/members/imports?page_size=5" "All imports"
}

pms() {
  step 200 GET /pms/status "Whether the hotel's own system can be asked"
  has '"configured":true'
  idle
  step 202 POST /pms/sync "Take over what changed with its guests" '{"sync_type": "members", "force": false}'
  sync=$(pick task_id)
  await '"status":"completed"' "/pms/sync-status/$sync" "Until it is through"
  step 404 GET /pms/sync-status/nothing "A task that does not exist"
  step 200 GET "/pms/syncs?sync_type=members&page_size=5" "The runs there were"
  step 200 GET "/pms/syncs/$sync/errors" "What was wrong with its rows"
  step 200 GET "/pms/import-fields?kind=members" "What a table may say of guests"
  step 201 POST /pms/import-profiles "What this hotel's headings mean" \
    '{"name": "導覽'"$RUN"'", "kind": "members", "headings": {"客編": "guest_code"}}'
  profile=$(pick id)
  step 200 GET /pms/import-profiles "All that is saved"
  step 201 POST /members "A guest with a phone" '{"last_name": "周", "first_name": "大同", "phone": "095'"$PHONE"'"}'
  printf '客編,姓,名,手機\nT%s,周,小同,095%s\n' "$RUN" "$PHONE" >"$FOLDER/pms.csv"
  idle
  api POST /pms/imports --form "file=@$FOLDER/pms.csv" --form kind=members --form "profile=$profile"
  told 202 POST "A table with somebody else of that phone"
  await '"status":"completed"' "/pms/sync-status/$(pick task_id)" "Until it is read"
  has '"review_count":1'
  step 200 GET "/pms/reviews?page_size=100" "What a person must decide"
  step 200 GET "/pms/reviews?page_size=100&page=$(pick total_pages)" "The latest of it"
  review=$(printf '%s' "$ANSWER" |
    sed -n 's/.*"id":\([0-9]*\),"status":"open","reason":"[a-z_]*","guest_code":"T'"$RUN"'".*/\1/p')
  step 200 GET "/pms/reviews/$review" "The row, and who it may be"
  step 200 POST "/pms/reviews/$review" "It is another guest" '{"decision": "new"}'
  step 409 POST "/pms/reviews/$review" "Nobody is asked twice" '{"decision": "ignore"}'
  step 200 GET "/members?search=095$PHONE" "There are two now"
  has '"total":2'
  step 200 DELETE "/pms/import-profiles/$profile" "Away with the profile"
}

# Waits until nothing is being taken over from the hotel's own system.
idle() {
  tries=0
  while api GET /pms/status && contains '"running_task_id":"'; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || stop "a run of the hotel's own system does not end"
    sleep 0.2
  done
}

reports() {
  step 200 GET /analytics/overview "What it brought, in 30 days"
  has '"total_messages_sent"'
  step 400 GET "/analytics/overview?start_date=2026-02-02&end_date=2026-02-01" "Days in the wrong order"
  step 200 GET "/analytics/campaign-performance?limit=5" "The campaigns that were tapped most"
  sent=$(pick campaign_id)
  step 200 GET "/analytics/campaigns/$sent/funnel" "From planned to booked"
  step 200 GET "/analytics/trends?metric=sent,opened,clicked,converted" "Day by day"
  step 200 GET "/analytics/trends.svg?metric=sent,clicked" "The same as a picture"
  has '<svg'
  step 400 GET "/analytics/trends?metric=smiles" "What nobody counts"
  step 200 GET /analytics/tag-distribution "The tags that guests triggered most"
  step 200 GET /analytics/friends "Friends won and lost"
  step 200 GET /analytics/auto-responses "How the rules did"
  step 200 GET /analytics/rfm "Which guests are worth most"
  has '"champions"'
}

exports() {
  step 202 POST /analytics/export "A sheet of all guests" '{"report_type": "members", "format": "csv"}'
  export=$(pick id)
  await '"status":"completed"' "/exports/$export" "Until it is written"
  link=$(pick download_url)
  step 200 GET "${link#*/api/v1}" "The file, by its link alone"
  step 404 GET "/exports/$export/download?expires=4102444800&user=1&signature=forged" "A link that nobody gave out"
  step 200 GET /exports "Everything that was asked for"
  step 200 DELETE "/exports/$export" "Away with it"
  step 400 POST /analytics/export "What there is not" '{"report_type": "weather", "format": "excel"}'
  step 201 POST /report-schedules "A report every Monday at eight" \
    '{"report_type": "overview", "format": "excel", "frequency": "weekly", "weekday": 1, "hour": 8}'
  schedule=$(pick id)
  step 200 GET /report-schedules "The calendar of reports"
  step 200 PUT "/report-schedules/$schedule" "On the first of the month instead" \
    '{"report_type": "overview", "format": "excel", "frequency": "monthly", "day": 1, "hour": 8, "is_active": true}'
  step 200 DELETE "/report-schedules/$schedule" "No more of them"
}

bulk_tags() {
  step 200 POST /members/bulk-tags "A tag for several guests" \
    '{"member_ids": ['"$member"', '"$friend"'], "add": ['"$tag"'], "remove": []}'
  step 200 POST /members/bulk-tags "And for whoever a filter finds" \
    '{"filter": {"search": "chen.'"$RUN"'"}, "add": ['"$tag"']}'
  step 200 GET "/tags/$tag" "The tag counts them"
  has '"member_count":3'
}

timeline() {
  step 200 GET "/members/$friend/timeline" "What happened with a guest"
  has "中秋$RUN"
}

merges() {
  step 201 POST /members "The same guest once more" \
    '{"last_name": "李", "first_name": "小華", "email": "lee.'"$RUN"'@example.com"}'
  twin=$(pick id)
  step 200 POST "/members/$member/merge" "One guest of two" '{"from_member_id": '"$twin"'}'
  merge=$(pick merge_id)
  step 404 GET "/members/$twin" "The other is gone"
  step 200 POST "/merges/$merge/undo" "They were two after all"
  step 200 GET "/members/$twin" "Both are there again"
}

idempotency() {
  EXTRA_HEADER="Idempotency-Key: tour-$RUN"
  body='{"name": "一次'"$RUN"'", "type": "member"}'
  step 201 POST /tags "A request with a key" "$body"
  first=$(pick id)
  step 201 POST /tags "The same again has the same answer" "$body"
  [ "$(pick id)" = "$first" ] || stop "a second tag was made"
  step 409 POST /tags "The same key for something else" '{"name": "另一'"$RUN"'", "type": "member"}'
  EXTRA_HEADER=
  step 200 DELETE "/tags/$first" "Away with it"
}

audit_log() {
  step 200 GET "/audit-logs?page_size=5" "Who did what, newest first"
  has '"action"'
  step 200 GET "/audit-logs?subject=campaign&subject_id=$campaign&action=campaign.sent" "Who sent the campaign"
  has '"total":1'
}

stop_everything() {
  step 200 GET /sending "Does everything leave, and how fast"
  has '"stopped":false'
  step 200 POST /sending/stop "Stop everything" '{"reason": "導覽'"$RUN"'"}'
  step 200 POST /sending/stop "Twice changes nothing" '{}'
  has '導覽'"$RUN"
  step 409 POST /messages "Nothing leaves" '{"member_id": '"$friend"', "content": "您好"}'
  has '"error_code":"sending_stopped"'
  step 200 POST /sending/resume "Go on"
  has '"stopped":false'
}

jobs() {
  step 200 GET "/jobs?status=dead&page_size=5" "Work that was given up"
  step 200 GET "/line/events?status=handled&type=message&page_size=1" "What LINE delivered"
  step 409 POST "/line/events/$(pick id)/replay" "Only what is dead is handled again"
  step 404 POST /jobs/999999999/retry "Nothing to start again"
}

tidy_up() {
  step 201 POST /members "A guest who came by mistake" '{"last_name": "錯'"$RUN"'"}'
  step 200 DELETE "/members/$(pick id)" "Deleting forgets them"
  step 409 DELETE "/tags/$clicked_tag" "A tag that a template puts on stays"
  has '"details"'
  step 200 DELETE "/tags/$tag?force=true" "Any tag can go if one insists"
}

# What the sections are made of.

stop() {
  printf '\nThe tour stops here: %s\n' "$1" >&2
  exit 1
}

# ask METHOD URL [curl arguments]: the status is in $STATUS, the answer in $ANSWER.
ask() {
  method=$1 url=$2
  shift 2
  case $method in HEAD) set -- --head "$@" ;; *) set -- --request "$method" "$@" ;; esac
  STATUS=$(curl --silent --show-error --max-time 30 --output "$FOLDER/answer" --write-out '%{http_code}' "$@" "$url") ||
    [ $? = "$MAY_END" ] || stop "nobody answers at $url"
  ANSWER=$(cat "$FOLDER/answer")
}

# api METHOD PATH [curl arguments]: as whoever is signed in.
api() {
  case $2 in /health | /ready | /metrics | /t/* | /static/*) WHERE=$2 ;; *) WHERE=/api/v1$2 ;; esac
  verb=$1
  shift 2
  [ -z "$TOKEN" ] || set -- --header "Authorization: Bearer $TOKEN" "$@"
  [ -z "$EXTRA_HEADER" ] || set -- --header "$EXTRA_HEADER" "$@"
  ask "$verb" "$BASE_URL$WHERE" "$@"
}

# told STATUS METHOD TITLE: prints the step, and insists on the status.
told() {
  printf '  %s %-6s %-58s %s\n' "$STATUS" "$2" "$WHERE" "$3"
  [ "$STATUS" = "$1" ] || stop "$2 $WHERE answered $STATUS instead of $1
$ANSWER"
}

step() {
  if [ $# -gt 4 ]; then
    api "$2" "$3" --header 'Content-Type: application/json' --data "$5"
  else
    api "$2" "$3"
  fi
  told "$1" "$2" "$4"
}

# A stream of events, to its end or until curl's time is up, which is its status 28.
stream() {
  MAY_END=28
  api GET "$1" --no-buffer --max-time 3
  MAY_END=
  told 200 GET "$2"
}

file() {
  api POST "$2" --form "${5:-file}=@$4"
  told "$1" POST "$3"
}

await() {
  tries=0
  while api GET "$2" && ! contains "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 75 ] || stop "waited in vain for $1 in $WHERE
$ANSWER"
    sleep 0.2
  done
  told 200 GET "$3"
}

line() {
  if [ $# -gt 2 ]; then
    ask "$1" "$SIMULATOR_URL$2" --header 'Content-Type: application/json' --data "$3"
  else
    ask "$1" "$SIMULATOR_URL$2"
  fi
  case $STATUS in 2*) ;; *) stop "the simulated LINE answered $STATUS to $1 $2
$ANSWER" ;; esac
}

contains() { printf '%s' "$ANSWER" | grep -q -e "$1"; }

has() { contains "$1" || stop "the answer lacks $1
$ANSWER"; }

pick() { printf '%s' "$ANSWER" | tr ',{}' '\n\n\n' | sed -n 's/^"'"$1"'":"\{0,1\}\([^"]*\).*/\1/p' | sed -n 1p; }

login_body() { printf '{"username": "%s", "password": "%s"}' "$1" "$2"; }

log_in() {
  TOKEN=
  step 200 POST /auth/login "Sign in as ${1%"$RUN"}" "$(login_body "$1" "$2")"
  TOKEN=$(pick access_token)
}

user_body() {
  printf '{"username": "%s", "email": "%s@hotel.example", "password": "desk-password-1", "role": "customer_service"}' "$1" "$1"
}

for section in $SECTIONS; do
  printf '\n%s\n' "$section" | tr _ ' '
  $section
done
printf '\nThat was all of it.\n'
