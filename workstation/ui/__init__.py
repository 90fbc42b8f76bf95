"""The windows: each panel renders a value and emits an intent; none owns state, opens a file or a socket.

One bridge (`background`) turns what services call back from their threads into queued signals. A script finds widgets
by name: login.person .password .enter .message .roster; worklist.table .search .line .whoIsHere .lock .today
.threeDays .question.TO_WRITE(...) .site.NAME .modality.CT .rejectedLines; case.name .read .fetch .cancel .import
.images .message; strip.name .sex .age .birthDate .patientId .examination .time .accession .site .images; reading.back
.line .notice .progress .cancel .again; report.status .detail .saved .findings .impression .sheet .standing .submit
.submitNext .recall .addendum .amendment .handOver .attest .park .more .message .identity .coverage .alarms .remarks
.onlyReading .historyChip .history .deedLine .deedTitle .reason .toldTo .recipient .confirm .leave .useOlder
.fork.0.keep .fork.0.sign .fork.0.sheet; review.cosign .return .changes .edit .final .grade.MINOR(...).
"""
