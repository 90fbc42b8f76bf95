<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Asking</name>
    <message>
        <source>Return to the author: what is to be changed?</source>
        <translation>退回给作者：需要修改什么？</translation>
    </message>
    <message>
        <source>Amend the signed report: why?</source>
        <translation>修改已签发的报告：原因？</translation>
    </message>
    <message>
        <source>Withdraw what was released: why?</source>
        <translation>撤销已发布的报告：原因？</translation>
    </message>
    <message>
        <source>Take this draft over from its owner: why?</source>
        <translation>接手这份草稿：原因？</translation>
    </message>
    <message>
        <source>Hand this draft over to:</source>
        <translation>将这份草稿交给：</translation>
    </message>
    <message>
        <source>Release before review: to whom, and why?</source>
        <translation>审核前先发临时报告：告知谁，原因？</translation>
    </message>
    <message>
        <source>Header and report are the same patient: how do you know?</source>
        <translation>影像头信息与报告为同一患者：依据是什么？</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>Submit amendment</source>
        <translation>提交修改报告</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>撤销报告</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>接手</translation>
    </message>
    <message>
        <source>Hand over</source>
        <translation>移交</translation>
    </message>
    <message>
        <source>Release</source>
        <translation>发布</translation>
    </message>
    <message>
        <source>Same patient</source>
        <translation>同一患者</translation>
    </message>
    <message>
        <source>Return to the author, about “{words}”:</source>
        <translation>退回给作者，针对「{words}」：</translation>
    </message>
</context>
<context>
    <name>Case</name>
    <message>
        <source>Read  Enter</source>
        <translation>阅片  Enter</translation>
    </message>
    <message>
        <source>Fetch</source>
        <translation>取回影像</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>Examination</source>
        <translation>检查项目</translation>
    </message>
    <message>
        <source>So far</source>
        <translation>经过</translation>
    </message>
    <message>
        <source>No study selected</source>
        <translation>未选择检查</translation>
    </message>
    <message>
        <source>Fetching {done} of {total}</source>
        <translation>正在取回 {done} / {total}</translation>
    </message>
    <message>
        <source>Fetching</source>
        <translation>正在取回</translation>
    </message>
    <message>
        <source>ID {id}</source>
        <translation>ID {id}</translation>
    </message>
    <message>
        <source>Accession {accession}</source>
        <translation>检查号 {accession}</translation>
    </message>
    <message>
        <source>Requested by {doctor}</source>
        <translation>申请医师 {doctor}</translation>
    </message>
    <message>
        <source>Images on this station: all {total}</source>
        <translation>本机影像：全部 {total} 幅</translation>
    </message>
    <message>
        <source>Images on this station: {here} of {total}</source>
        <translation>本机影像：{here} / {total} 幅</translation>
    </message>
    <message>
        <source>Images on this station: none of {total}</source>
        <translation>本机影像：无（共 {total} 幅）</translation>
    </message>
    <message>
        <source>{here} of {total} images</source>
        <translation>影像不全 {here} / {total}</translation>
    </message>
</context>
<context>
    <name>Errands</name>
    <message>
        <source>Fetching stopped.</source>
        <translation>已停止取回。</translation>
    </message>
    <message>
        <source>Importing {done} of {total}</source>
        <translation>正在导入 {done} / {total}</translation>
    </message>
    <message>
        <source>The images are here.</source>
        <translation>影像已到本机。</translation>
    </message>
    <message>
        <source>Imported {stored}, already here {already}, rejected {rejected}.</source>
        <translation>导入 {stored}，已有 {already}，拒收 {rejected}。</translation>
    </message>
    <message>
        <source>Import files</source>
        <translation>导入文件</translation>
    </message>
    <message>
        <source>Import a folder</source>
        <translation>导入文件夹</translation>
    </message>
</context>
<context>
    <name>Fetch</name>
    <message>
        <source>Stop fetching</source>
        <translation>停止取回</translation>
    </message>
    <message>
        <source>Fetch again</source>
        <translation>重新取回</translation>
    </message>
    <message>
        <source>Fetching the images: {done} of {total}</source>
        <translation>正在取回影像：{done} / {total}</translation>
    </message>
    <message>
        <source>Fetching the images</source>
        <translation>正在取回影像</translation>
    </message>
    <message>
        <source>Opening the images</source>
        <translation>正在打开影像</translation>
    </message>
    <message>
        <source>There are no images of this study on this station.</source>
        <translation>本机没有该检查的影像。</translation>
    </message>
    <message>
        <source>Series {number}</source>
        <translation>序列 {number}</translation>
    </message>
</context>
<context>
    <name>Fork</name>
    <message>
        <source>This version stands</source>
        <translation>采用此份</translation>
    </message>
    <message>
        <source>This version stands, co-sign it</source>
        <translation>采用此份并审核签发</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>to {person}</source>
        <translation>交给 {person}</translation>
    </message>
    <message>
        <source>“{reason}”</source>
        <translation>「{reason}」</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>尚无记录</translation>
    </message>
    <message>
        <source>{act}: does not count. {why}</source>
        <translation>{act}：无效。{why}</translation>
    </message>
</context>
<context>
    <name>LoginPage</name>
    <message>
        <source>Log in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Reading workstation</source>
        <translation>阅片工作站</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>{region} · roster {days} days old, valid until {date}</source>
        <translation>{region} · 人员名册签发 {days} 天，有效期至 {date}</translation>
    </message>
    <message>
        <source>{region} · the roster expired on {date} ({days} days old)</source>
        <translation>{region} · 人员名册已于 {date} 过期（签发 {days} 天）</translation>
    </message>
    <message>
        <source>Nobody has a key at this station yet.</source>
        <translation>本机尚无任何人的签名密钥。</translation>
    </message>
    <message>
        <source>Please type the password.</source>
        <translation>请输入密码。</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>{series}: never shown ({total} images)</source>
        <translation>{series}：从未显示（{total} 幅）</translation>
    </message>
    <message>
        <source>{series}: {missing} of {total} images not seen</source>
        <translation>{series}：{total} 幅中 {missing} 幅未看</translation>
    </message>
    <message>
        <source>and {count} more series</source>
        <translation>另有 {count} 个序列</translation>
    </message>
    <message>
        <source>Go there</source>
        <translation>跳到</translation>
    </message>
    <message>
        <source>Who was told</source>
        <translation>告知何人</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>Offers</name>
    <message>
        <source>Submit</source>
        <translation>提交审核</translation>
    </message>
    <message>
        <source>Submit addendum</source>
        <translation>提交追加报告</translation>
    </message>
    <message>
        <source>Submit amendment</source>
        <translation>提交修改报告</translation>
    </message>
    <message>
        <source>{act} and next</source>
        <translation>{act}并下一例</translation>
    </message>
    <message>
        <source>Attest the trainee&apos;s text</source>
        <translation>确认规培医师所写</translation>
    </message>
    <message>
        <source>Co-sign and next</source>
        <translation>审核签发并下一例</translation>
    </message>
    <message>
        <source>Return…</source>
        <translation>退回…</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>撤回提交</translation>
    </message>
    <message>
        <source>Write an addendum</source>
        <translation>追加报告</translation>
    </message>
    <message>
        <source>Write an amendment</source>
        <translation>修改报告</translation>
    </message>
    <message>
        <source>Write a new report</source>
        <translation>重写报告</translation>
    </message>
    <message>
        <source>Write here as well</source>
        <translation>在本机另写一份</translation>
    </message>
    <message>
        <source>Release as preliminary…</source>
        <translation>先发临时报告…</translation>
    </message>
    <message>
        <source>Take over…</source>
        <translation>接手…</translation>
    </message>
    <message>
        <source>Withdraw the report…</source>
        <translation>撤销报告…</translation>
    </message>
    <message>
        <source>Both are the same patient…</source>
        <translation>确认为同一患者…</translation>
    </message>
    <message>
        <source>Park</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Hand over…</source>
        <translation>移交…</translation>
    </message>
</context>
<context>
    <name>Reading</name>
    <message>
        <source>List  Alt+←</source>
        <translation>列表  Alt+←</translation>
    </message>
    <message>
        <source>{act}.</source>
        <translation>{act}。</translation>
    </message>
</context>
<context>
    <name>ReadingImages</name>
    <message>
        <source>Drag a series here</source>
        <translation>将序列拖到此处</translation>
    </message>
    <message>
        <source>Loading the series</source>
        <translation>正在载入序列</translation>
    </message>
    <message>
        <source>Lung</source>
        <translation>肺</translation>
    </message>
    <message>
        <source>Mediastinum</source>
        <translation>纵隔</translation>
    </message>
    <message>
        <source>Bone</source>
        <translation>骨</translation>
    </message>
    <message>
        <source>Brain</source>
        <translation>脑</translation>
    </message>
    <message>
        <source>Abdomen</source>
        <translation>腹部</translation>
    </message>
    <message>
        <source>Liver</source>
        <translation>肝</translation>
    </message>
    <message>
        <source>Subdural</source>
        <translation>硬膜下</translation>
    </message>
    <message>
        <source>Stroke</source>
        <translation>卒中</translation>
    </message>
    <message>
        <source>Angiography</source>
        <translation>血管</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>The window the series started with</source>
        <translation>序列初始窗宽窗位</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>{total} images, all seen</source>
        <translation>{total} 幅&#x3000;全部已看</translation>
    </message>
    <message>
        <source>{total} images</source>
        <translation>{total} 幅</translation>
    </message>
    <message>
        <source>{seen} / {total} seen</source>
        <translation>{total} 幅&#x3000;看过 {seen}</translation>
    </message>
    <message>
        <source>{count} sets</source>
        <translation>{count} 组</translation>
    </message>
    <message>
        <source>Scroll: drag or wheel</source>
        <translation>翻页：拖动或滚轮</translation>
    </message>
    <message>
        <source>Window: drag, always with the right button</source>
        <translation>调窗：拖动，右键始终可用</translation>
    </message>
    <message>
        <source>Zoom: drag, or Ctrl and wheel</source>
        <translation>缩放：拖动，或 Ctrl 加滚轮</translation>
    </message>
    <message>
        <source>Pan: drag, always with the middle button</source>
        <translation>平移：拖动，中键始终可用</translation>
    </message>
    <message>
        <source>Crosshair: the same point in every view</source>
        <translation>十字线：各视图同一点</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>反色</translation>
    </message>
    <message>
        <source>Reset zoom, position and window</source>
        <translation>复位缩放、位置和窗</translation>
    </message>
    <message>
        <source>Texts on the images: all, few, none</source>
        <translation>影像上的文字：全部、少量、无</translation>
    </message>
    <message>
        <source>One image</source>
        <translation>单幅</translation>
    </message>
    <message>
        <source>Four images</source>
        <translation>四幅</translation>
    </message>
    <message>
        <source>Axial, coronal and sagittal</source>
        <translation>轴位、冠状位、矢状位</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>Findings</source>
        <translation>影像所见</translation>
    </message>
    <message>
        <source>Impression</source>
        <translation>诊断意见</translation>
    </message>
    <message>
        <source>Discrepancy (not in the report)</source>
        <translation>差异等级（仅留痕，不入报告）</translation>
    </message>
    <message>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>修改痕迹</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Final text</source>
        <translation>只看终稿</translation>
    </message>
    <message>
        <source>History  Alt+H</source>
        <translation>历史  Alt+H</translation>
    </message>
    <message>
        <source>saved {time}</source>
        <translation>已保存 {time}</translation>
    </message>
    <message>
        <source>not saved</source>
        <translation>未保存</translation>
    </message>
    <message>
        <source>An older draft of yours is kept; a newer version is shown.</source>
        <translation>本机留有您较早的草稿；现显示较新的版本。</translation>
    </message>
    <message>
        <source>Use the draft</source>
        <translation>改用草稿</translation>
    </message>
    <message>
        <source>To submit: {patient}</source>
        <translation>提交：{patient}</translation>
    </message>
    <message>
        <source>all series seen</source>
        <translation>全部序列已看</translation>
    </message>
    <message>
        <source>series not seen whole: {count}</source>
        <translation>{count} 个序列未看全</translation>
    </message>
    <message>
        <source>no images here</source>
        <translation>本机无影像</translation>
    </message>
    <message>
        <source>To co-sign: {patient}  |  author {author}  |  reviewer {reviewer}  |  {seen}</source>
        <translation>签发：{patient}&#x3000;|&#x3000;作者 {author}&#x3000;审核 {reviewer}&#x3000;|&#x3000;{seen}</translation>
    </message>
    <message>
        <source>Technique</source>
        <translation>检查技术</translation>
    </message>
    <message>
        <source>Recommendation</source>
        <translation>建议</translation>
    </message>
    <message>
        <source>Addendum {number}</source>
        <translation>追加报告 {number}</translation>
    </message>
</context>
<context>
    <name>ReportView</name>
    <message>
        <source>{count} versions stand side by side</source>
        <translation>有 {count} 份报告并存，待选择</translation>
    </message>
    <message>
        <source>{who} · {when} · signature valid</source>
        <translation>{who} · {when} · 签名有效</translation>
    </message>
    <message>
        <source>{person} ({level}) · {act}</source>
        <translation>{person}（{level}）· {act}</translation>
    </message>
    <message>
        <source>{person} is writing this report at this station.</source>
        <translation>{person} 正在本机书写这份报告。</translation>
    </message>
    <message>
        <source>Your level does not write reports.</source>
        <translation>您的级别不书写报告。</translation>
    </message>
    <message>
        <source>{person} holds this draft since {time}.</source>
        <translation>{person} 自 {time} 起持有这份草稿。</translation>
    </message>
    <message>
        <source>This report was withdrawn: “{reason}”</source>
        <translation>这份报告已撤销：「{reason}」</translation>
    </message>
    <message>
        <source>{person} has opened the review.</source>
        <translation>{person} 已打开审核。</translation>
    </message>
    <message>
        <source>Waiting for review by another person; you can still recall it.</source>
        <translation>等待他人审核；仍可撤回提交。</translation>
    </message>
    <message>
        <source>Waiting for review by a second-level reader.</source>
        <translation>等待二级医师审核。</translation>
    </message>
    <message>
        <source>{person} on “{words}”: {text}</source>
        <translation>{person} →「{words}」：{text}</translation>
    </message>
    <message>
        <source>{person}: {text}</source>
        <translation>{person}：{text}</translation>
    </message>
    <message>
        <source>Discrepancy graded by {person}: {grade}</source>
        <translation>{person} 评定差异等级：{grade}</translation>
    </message>
    <message>
        <source>{act} of {time} does not count: {why}</source>
        <translation>{time} {act} 无效：{why}</translation>
    </message>
    <message>
        <source>This history is incomplete: acts that it names are not here ({count}).</source>
        <translation>历史不完整：所引用的操作尚未到达（{count}）。</translation>
    </message>
    <message>
        <source>Image header and signed report name different patients: {fields}.</source>
        <translation>影像头信息与已签名报告的患者不一致：{fields}。</translation>
    </message>
    <message>
        <source>patient ID</source>
        <translation>患者 ID</translation>
    </message>
    <message>
        <source>issuer of the ID</source>
        <translation>ID 签发机构</translation>
    </message>
    <message>
        <source>name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>birth date</source>
        <translation>出生日期</translation>
    </message>
    <message>
        <source>sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>{act} · {when} · station {station}</source>
        <translation>{act} · {when} · 工作站 {station}</translation>
    </message>
</context>
<context>
    <name>Series</name>
    <message>
        <source>localizer</source>
        <translation>定位像</translation>
    </message>
    <message>
        <source>color</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>matrix</source>
        <translation>矩阵</translation>
    </message>
    <message>
        <source>orientation</source>
        <translation>方位</translation>
    </message>
    <message>
        <source>type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>kernel</source>
        <translation>卷积核</translation>
    </message>
    <message>
        <source>echo</source>
        <translation>回波</translation>
    </message>
    <message>
        <source>b</source>
        <translation>b</translation>
    </message>
    <message>
        <source>stack</source>
        <translation>层组</translation>
    </message>
    <message>
        <source>phase</source>
        <translation>时相</translation>
    </message>
    <message>
        <source>time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>acquisition</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>instance</source>
        <translation>实例</translation>
    </message>
    <message>
        <source>position</source>
        <translation>位置</translation>
    </message>
</context>
<context>
    <name>SessionCorner</name>
    <message>
        <source>Line: not asked yet</source>
        <translation>线路：尚未查询</translation>
    </message>
    <message>
        <source>Lock  Ctrl+L</source>
        <translation>锁定  Ctrl+L</translation>
    </message>
    <message>
        <source>The archive does not answer</source>
        <translation>归档服务器无应答</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>Offline since {time}</source>
        <translation>自 {time} 离线</translation>
    </message>
    <message>
        <source>to send {count}</source>
        <translation>待发 {count}</translation>
    </message>
    <message>
        <source>unconfirmed {count}</source>
        <translation>未确认 {count}</translation>
    </message>
    <message>
        <source>alarms {count}</source>
        <translation>告警 {count}</translation>
    </message>
</context>
<context>
    <name>Viewport</name>
    <message>
        <source>axial</source>
        <translation>轴位</translation>
    </message>
    <message>
        <source>coronal</source>
        <translation>冠状</translation>
    </message>
    <message>
        <source>sagittal</source>
        <translation>矢状</translation>
    </message>
    <message>
        <source>inverted</source>
        <translation>反色</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>缩放</translation>
    </message>
    <message>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>对比剂</translation>
    </message>
    <message>
        <source>Thickness</source>
        <translation>层厚</translation>
    </message>
    <message>
        <source>Location</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Reduced</source>
        <translation>已降采样</translation>
    </message>
    <message>
        <source>not calibrated</source>
        <translation>未校准</translation>
    </message>
    <message>
        <source>detector plane</source>
        <translation>探测器平面</translation>
    </message>
    <message>
        <source>magnification corrected</source>
        <translation>已按放大率校正</translation>
    </message>
    <message>
        <source>calibrated (fiducial)</source>
        <translation>已校准（参照物）</translation>
    </message>
    <message>
        <source>calibrated (geometry)</source>
        <translation>已校准（几何）</translation>
    </message>
    <message>
        <source>The overlay of this image cannot be read.</source>
        <translation>该图像的叠加层无法读取。</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Something went wrong ({kind}). Nothing was lost; the log says where.</source>
        <translation>出了问题（{kind}）。没有丢失任何内容；详情见日志。</translation>
    </message>
    <message>
        <source>Unread</source>
        <translation>待写</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>草稿</translation>
    </message>
    <message>
        <source>To review</source>
        <translation>待审</translation>
    </message>
    <message>
        <source>Returned</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>Preliminary</source>
        <translation>临时报告</translation>
    </message>
    <message>
        <source>Signed</source>
        <translation>已签发</translation>
    </message>
    <message>
        <source>Amending</source>
        <translation>修改中</translation>
    </message>
    <message>
        <source>Withdrawn</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>Two versions</source>
        <translation>两份</translation>
    </message>
    <message>
        <source>All studies</source>
        <translation>全部检查</translation>
    </message>
    <message>
        <source>To write</source>
        <translation>待写</translation>
    </message>
    <message>
        <source>Returned to me</source>
        <translation>退回给我</translation>
    </message>
    <message>
        <source>My drafts</source>
        <translation>我的草稿</translation>
    </message>
    <message>
        <source>Submitted</source>
        <translation>已提交</translation>
    </message>
    <message>
        <source>Signed today</source>
        <translation>今日签发</translation>
    </message>
    <message>
        <source>Trainee</source>
        <translation>规培医师</translation>
    </message>
    <message>
        <source>First-level reader</source>
        <translation>一级医师</translation>
    </message>
    <message>
        <source>Second-level reader</source>
        <translation>二级医师</translation>
    </message>
    <message>
        <source>Quality controller</source>
        <translation>质控员</translation>
    </message>
    <message>
        <source>Technologist</source>
        <translation>技师</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>管理员</translation>
    </message>
    <message>
        <source>Parked</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Handed over</source>
        <translation>移交草稿</translation>
    </message>
    <message>
        <source>Taken over</source>
        <translation>接手草稿</translation>
    </message>
    <message>
        <source>Attested</source>
        <translation>确认文字</translation>
    </message>
    <message>
        <source>Submitted for review</source>
        <translation>提交审核</translation>
    </message>
    <message>
        <source>Submission recalled</source>
        <translation>撤回提交</translation>
    </message>
    <message>
        <source>Review opened</source>
        <translation>打开审核</translation>
    </message>
    <message>
        <source>Returned to the author</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>Preliminary report released</source>
        <translation>发布临时报告</translation>
    </message>
    <message>
        <source>Co-signed</source>
        <translation>审核签发</translation>
    </message>
    <message>
        <source>Discrepancy graded</source>
        <translation>评定差异</translation>
    </message>
    <message>
        <source>Addendum submitted</source>
        <translation>提交追加报告</translation>
    </message>
    <message>
        <source>Amendment submitted</source>
        <translation>提交修改报告</translation>
    </message>
    <message>
        <source>Report withdrawn</source>
        <translation>撤销报告</translation>
    </message>
    <message>
        <source>Versions resolved</source>
        <translation>选定版本</translation>
    </message>
    <message>
        <source>Identity reconciled</source>
        <translation>核对患者身份</translation>
    </message>
    <message>
        <source>Parking</source>
        <translation>搁置</translation>
    </message>
    <message>
        <source>Handing over</source>
        <translation>移交</translation>
    </message>
    <message>
        <source>Taking over</source>
        <translation>接手</translation>
    </message>
    <message>
        <source>Attesting</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Submitting</source>
        <translation>提交审核</translation>
    </message>
    <message>
        <source>Recalling</source>
        <translation>撤回提交</translation>
    </message>
    <message>
        <source>Opening the review</source>
        <translation>打开审核</translation>
    </message>
    <message>
        <source>Returning</source>
        <translation>退回</translation>
    </message>
    <message>
        <source>A preliminary release</source>
        <translation>发布临时报告</translation>
    </message>
    <message>
        <source>Co-signing</source>
        <translation>审核签发</translation>
    </message>
    <message>
        <source>Grading</source>
        <translation>评定差异</translation>
    </message>
    <message>
        <source>An addendum</source>
        <translation>追加报告</translation>
    </message>
    <message>
        <source>An amendment</source>
        <translation>修改报告</translation>
    </message>
    <message>
        <source>Withdrawing</source>
        <translation>撤销报告</translation>
    </message>
    <message>
        <source>Resolving</source>
        <translation>选定版本</translation>
    </message>
    <message>
        <source>Reconciling the identity</source>
        <translation>核对患者身份</translation>
    </message>
    <message>
        <source>Concur</source>
        <translation>一致</translation>
    </message>
    <message>
        <source>Wording</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Minor</source>
        <translation>轻度</translation>
    </message>
    <message>
        <source>Major</source>
        <translation>重度</translation>
    </message>
    <message>
        <source>M</source>
        <translation>男</translation>
    </message>
    <message>
        <source>F</source>
        <translation>女</translation>
    </message>
    <message>
        <source>other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>{count} y</source>
        <translation>{count} 岁</translation>
    </message>
    <message>
        <source>{count} months</source>
        <translation>{count} 个月</translation>
    </message>
    <message>
        <source>{count} weeks</source>
        <translation>{count} 周</translation>
    </message>
    <message>
        <source>{count} days</source>
        <translation>{count} 天</translation>
    </message>
    <message>
        <source>(no name)</source>
        <translation>（无姓名）</translation>
    </message>
    <message>
        <source>head</source>
        <translation>头部</translation>
    </message>
    <message>
        <source>brain</source>
        <translation>颅脑</translation>
    </message>
    <message>
        <source>paranasal sinuses</source>
        <translation>鼻窦</translation>
    </message>
    <message>
        <source>neck</source>
        <translation>颈部</translation>
    </message>
    <message>
        <source>chest</source>
        <translation>胸部</translation>
    </message>
    <message>
        <source>breast</source>
        <translation>乳腺</translation>
    </message>
    <message>
        <source>heart</source>
        <translation>心脏</translation>
    </message>
    <message>
        <source>abdomen</source>
        <translation>腹部</translation>
    </message>
    <message>
        <source>pelvis</source>
        <translation>盆腔</translation>
    </message>
    <message>
        <source>cervical spine</source>
        <translation>颈椎</translation>
    </message>
    <message>
        <source>thoracic spine</source>
        <translation>胸椎</translation>
    </message>
    <message>
        <source>lumbar spine</source>
        <translation>腰椎</translation>
    </message>
    <message>
        <source>shoulder</source>
        <translation>肩关节</translation>
    </message>
    <message>
        <source>hip</source>
        <translation>髋关节</translation>
    </message>
    <message>
        <source>knee</source>
        <translation>膝关节</translation>
    </message>
    <message>
        <source>hand</source>
        <translation>手</translation>
    </message>
    <message>
        <source>foot</source>
        <translation>足</translation>
    </message>
</context>
<context>
    <name>Worklist</name>
    <message>
        <source>My work</source>
        <translation>我的工作</translation>
    </message>
    <message>
        <source>Sites</source>
        <translation>医院</translation>
    </message>
    <message>
        <source>Files that were not taken</source>
        <translation>未接收的文件</translation>
    </message>
    <message>
        <source>Put away</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Sex</source>
        <translation>性别</translation>
    </message>
    <message>
        <source>Sex / age</source>
        <translation>性别 / 年龄</translation>
    </message>
    <message>
        <source>Modality</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Examination</source>
        <translation>检查项目</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>医院</translation>
    </message>
    <message>
        <source>Study time</source>
        <translation>检查时间</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>影像</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Reviewer</source>
        <translation>审核</translation>
    </message>
    <message>
        <source>yesterday {time}</source>
        <translation>昨天 {time}</translation>
    </message>
    <message>
        <source>Name, ID, accession, part…  /</source>
        <translation>姓名、ID、检查号、部位…  /</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>3 days</source>
        <translation>3 天</translation>
    </message>
    <message>
        <source>No studies are known yet; the archive is being asked.</source>
        <translation>还没有检查；正在询问归档服务器。</translation>
    </message>
    <message>
        <source>No study matches. All studies: {count}</source>
        <translation>没有符合条件的检查。全部检查：{count}</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>--at takes a number of millimetres, not {given}</source>
        <translation>--at 需要毫米数，而不是 {given}</translation>
    </message>
    <message>
        <source>--set {number}: the series has {count}: {sets}</source>
        <translation>--set {number}：该序列有 {count} 组：{sets}</translation>
    </message>
    <message>
        <source>--size takes WxH in pixels, at most {largest} each, not {given}</source>
        <translation>--size 需要以像素为单位的 宽x高，各不超过 {largest}，而不是 {given}</translation>
    </message>
    <message>
        <source>--slab takes maximum, minimum or mean, a comma and millimetres, not {given}</source>
        <translation>--slab 需要 maximum、minimum 或 mean，加逗号和毫米数，而不是 {given}</translation>
    </message>
    <message>
        <source>--window takes a width above 0, not {given}</source>
        <translation>--window 的窗宽必须大于 0，而不是 {given}</translation>
    </message>
    <message>
        <source>A DICOMDIR is a list of files; the files themselves are taken, not the list</source>
        <translation>DICOMDIR 只是文件目录；接收的是文件本身</translation>
    </message>
    <message>
        <source>A file of the local store is missing or cannot be read ({file_id})</source>
        <translation>本地库的一个文件缺失或无法读取（{file_id}）</translation>
    </message>
    <message>
        <source>A frame of {rows} x {columns} pixels is too large.</source>
        <translation>一帧 {rows} x {columns} 像素过大。</translation>
    </message>
    <message>
        <source>A key needs at least {bits} bits</source>
        <translation>密钥至少需要 {bits} 位</translation>
    </message>
    <message>
        <source>A moving picture forms no volume ({count} images, positions: {places}).</source>
        <translation>动态图像不能构成容积（{count} 幅，位置数：{places}）。</translation>
    </message>
    <message>
        <source>A predecessor is named without its signature</source>
        <translation>所引用的前一份文件缺少签名</translation>
    </message>
    <message>
        <source>A released report in the archive was altered or its signature does not hold: {detail}</source>
        <translation>归档中已发布的报告被改动，或其签名无效：{detail}</translation>
    </message>
    <message>
        <source>A retrieval at level {level} must name {key}</source>
        <translation>按 {level} 级取回须给出 {key}</translation>
    </message>
    <message>
        <source>A section of the publication is not as the table says</source>
        <translation>发布文件的一个章节与规定不符</translation>
    </message>
    <message>
        <source>A time needs an offset from UTC in whole minutes</source>
        <translation>时间须带整分钟的时区偏移</translation>
    </message>
    <message>
        <source>A time that does not exist</source>
        <translation>不存在的时间</translation>
    </message>
    <message>
        <source>A time without seconds or offset from UTC</source>
        <translation>时间缺少秒或时区偏移</translation>
    </message>
    <message>
        <source>A trainee wrote in this text: a first-level reader must attest it before it is submitted</source>
        <translation>文字由规培医师书写：提交前须由一级医师确认</translation>
    </message>
    <message>
        <source>A verifying reader needs an organisation</source>
        <translation>审核签发者须有所属机构</translation>
    </message>
    <message>
        <source>ALARM: {node} holds another content under {uid} ({fault})</source>
        <translation>告警：{node} 中 {uid} 的内容不同（{fault}）</translation>
    </message>
    <message>
        <source>An act in the archive has no valid signature and does not count: {detail}</source>
        <translation>归档中的一条记录没有有效签名，不予承认：{detail}</translation>
    </message>
    <message>
        <source>An act {kind} does not carry the row {row}</source>
        <translation>操作 {kind} 不应含有 {row}</translation>
    </message>
    <message>
        <source>An archive is given as AET@host:port, not as {given}</source>
        <translation>归档服务器的写法是 AET@主机:端口，而不是 {given}</translation>
    </message>
    <message>
        <source>An object from the archive cannot be read: {why}</source>
        <translation>归档服务器的一个对象无法读取：{why}</translation>
    </message>
    <message>
        <source>An object in a journal cannot be read: {detail}</source>
        <translation>日志中的一个对象无法读取：{detail}</translation>
    </message>
    <message>
        <source>An organisation&apos;s name has at most 64 characters of plain text</source>
        <translation>机构名称最多 64 个普通字符</translation>
    </message>
    <message>
        <source>Big endian frames that start inside a word cannot be shown.</source>
        <translation>大端字节序且不在字边界起始的帧无法显示。</translation>
    </message>
    <message>
        <source>Bits stored {stored}, high bit {high} and bits allocated {allocated} contradict.</source>
        <translation>存储位数 {stored}、最高位 {high} 与分配位数 {allocated} 矛盾。</translation>
    </message>
    <message>
        <source>Color images form no volume.</source>
        <translation>彩色影像不能构成容积。</translation>
    </message>
    <message>
        <source>Color of {bits} bits per sample cannot be shown.</source>
        <translation>每样本 {bits} 位的彩色影像无法显示。</translation>
    </message>
    <message>
        <source>Compressed objects are sent as they are or not at all</source>
        <translation>压缩对象只能原样发送</translation>
    </message>
    <message>
        <source>Dragging with the right button did not change the window</source>
        <translation>右键拖动没有改变窗宽窗位</translation>
    </message>
    <message>
        <source>Image {number} of {total} cannot be decoded: {reason}</source>
        <translation>第 {number} 幅（共 {total} 幅）图像无法解码：{reason}</translation>
    </message>
    <message>
        <source>Images that came twice are shown once ({count}).</source>
        <translation>重复接收的图像只显示一次（{count} 幅）。</translation>
    </message>
    <message>
        <source>Images with this pixel format form no volume.</source>
        <translation>此像素格式的影像不能构成容积。</translation>
    </message>
    <message>
        <source>JPEG 2000 of {bits} bits per sample cannot be decoded exactly.</source>
        <translation>每样本 {bits} 位的 JPEG 2000 无法精确解码。</translation>
    </message>
    <message>
        <source>Loading was cancelled.</source>
        <translation>载入已取消。</translation>
    </message>
    <message>
        <source>Localizer images form no volume.</source>
        <translation>定位像不能构成容积。</translation>
    </message>
    <message>
        <source>Neither this station nor the archive knows the study {name}</source>
        <translation>本机和归档服务器都没有检查 {name}</translation>
    </message>
    <message>
        <source>No archive has the study {study_uid}</source>
        <translation>归档服务器中没有检查 {study_uid}</translation>
    </message>
    <message>
        <source>Objects are not converted to {syntax}</source>
        <translation>对象不转换为 {syntax}</translation>
    </message>
    <message>
        <source>Only {owner}, who submitted the report, can recall it</source>
        <translation>只有提交者 {owner} 可以撤回</translation>
    </message>
    <message>
        <source>Projection images form no volume.</source>
        <translation>投影图像不能构成容积。</translation>
    </message>
    <message>
        <source>Resolving must name every version of the report</source>
        <translation>选定版本时须列出全部版本</translation>
    </message>
    <message>
        <source>Say who acts: --as PERSON</source>
        <translation>请指明操作者：--as 人员</translation>
    </message>
    <message>
        <source>Syncing failed unexpectedly ({kind}); it tries again</source>
        <translation>同步意外失败（{kind}），将自动重试</translation>
    </message>
    <message>
        <source>The RLE data are damaged.</source>
        <translation>RLE 数据损坏。</translation>
    </message>
    <message>
        <source>The RLE data do not hold the {count} planes expected.</source>
        <translation>RLE 数据不含应有的 {count} 个平面。</translation>
    </message>
    <message>
        <source>The act is not later than the acts it names</source>
        <translation>该操作的时间不晚于它所引用的操作</translation>
    </message>
    <message>
        <source>The act is of format {found}, unknown to this program</source>
        <translation>该操作的格式 {found} 本程序不认识</translation>
    </message>
    <message>
        <source>The act leaves out somebody who wrote the text</source>
        <translation>该操作遗漏了文字的一位作者</translation>
    </message>
    <message>
        <source>The act names an act of another report</source>
        <translation>该操作引用了另一份报告的操作</translation>
    </message>
    <message>
        <source>The act names another attestor than the submission does</source>
        <translation>该操作所列确认医师与提交时不一致</translation>
    </message>
    <message>
        <source>The act names another certificate than the one it is signed with</source>
        <translation>该操作所列证书与签名证书不一致</translation>
    </message>
    <message>
        <source>The act stands on an act that does not count</source>
        <translation>该操作依据了一个无效的操作</translation>
    </message>
    <message>
        <source>The act {uid} released nothing</source>
        <translation>操作 {uid} 没有发布任何文件</translation>
    </message>
    <message>
        <source>The archive answered with something that is not DICOM</source>
        <translation>归档服务器返回的内容不是 DICOM</translation>
    </message>
    <message>
        <source>The archive holds something else in the place of what was signed here: {detail}</source>
        <translation>归档中同一位置存放的不是本机签名的内容：{detail}</translation>
    </message>
    <message>
        <source>The archive strips signatures; what was signed here is not safe there: {detail}</source>
        <translation>归档会去除签名，本机签名的内容在那里不安全：{detail}</translation>
    </message>
    <message>
        <source>The archive {node} answered {operation} with failure {status}</source>
        <translation>归档服务器 {node} 对 {operation} 返回失败 {status}</translation>
    </message>
    <message>
        <source>The archive {node} cannot be reached at {address}</source>
        <translation>无法连接归档服务器 {node}（{address}）</translation>
    </message>
    <message>
        <source>The archive {node} does not offer {operation}</source>
        <translation>归档服务器 {node} 不支持 {operation}</translation>
    </message>
    <message>
        <source>The archive {node} refused the connection; it may not know this station as {aet}</source>
        <translation>归档服务器 {node} 拒绝连接；可能未登记本机 {aet}</translation>
    </message>
    <message>
        <source>The area of decoded images cannot be made</source>
        <translation>无法建立解码影像区</translation>
    </message>
    <message>
        <source>The bytes to send are no DICOM file</source>
        <translation>要发送的内容不是 DICOM 文件</translation>
    </message>
    <message>
        <source>The certificate of this act does not belong to {person}</source>
        <translation>该操作的证书不属于 {person}</translation>
    </message>
    <message>
        <source>The certificate of {person} is not valid at the time of signing; ask for a new one or set the clock</source>
        <translation>{person} 的证书在签名时无效；请申请新证书或校正时钟</translation>
    </message>
    <message>
        <source>The certificate of {person} was not issued by this root</source>
        <translation>{person} 的证书不是由本区域根证书签发</translation>
    </message>
    <message>
        <source>The data set is not the object that the request names</source>
        <translation>数据集不是所请求的对象</translation>
    </message>
    <message>
        <source>The disk has no room for the decoded images: {needed} MB are needed.</source>
        <translation>磁盘空间不足以存放解码影像：需要 {needed} MB。</translation>
    </message>
    <message>
        <source>The disk of the local store failed to read or write; nothing was changed</source>
        <translation>本地库所在磁盘读写失败；没有任何改动</translation>
    </message>
    <message>
        <source>The disk of the local store is full; nothing was changed, free some space and try again</source>
        <translation>本地库所在磁盘已满；没有任何改动，请清理空间后重试</translation>
    </message>
    <message>
        <source>The embedded archive did not start</source>
        <translation>内置归档服务器未能启动</translation>
    </message>
    <message>
        <source>The entry cannot be unpacked ({kind})</source>
        <translation>压缩包内的条目无法解开（{kind}）</translation>
    </message>
    <message>
        <source>The entry inflates beyond the limit of {mb} MB</source>
        <translation>条目解压后超过 {mb} MB 的上限</translation>
    </message>
    <message>
        <source>The file begins like a program, not like a DICOM file</source>
        <translation>文件开头像程序，不像 DICOM 文件</translation>
    </message>
    <message>
        <source>The file cannot be read ({why})</source>
        <translation>文件无法读取（{why}）</translation>
    </message>
    <message>
        <source>The header is damaged or ends early ({kind}).</source>
        <translation>文件头损坏或提前结束（{kind}）。</translation>
    </message>
    <message>
        <source>The file ends inside the header of its pixel data.</source>
        <translation>文件在像素数据头处中断。</translation>
    </message>
    <message>
        <source>The file holds {present} of {needed} frames.</source>
        <translation>文件只含 {needed} 帧中的 {present} 帧。</translation>
    </message>
    <message>
        <source>The file inflates to more than {most} MB.</source>
        <translation>文件解压后超过 {most} MB。</translation>
    </message>
    <message>
        <source>The file is compressed but damaged.</source>
        <translation>压缩文件已损坏。</translation>
    </message>
    <message>
        <source>The file is empty</source>
        <translation>文件为空</translation>
    </message>
    <message>
        <source>The file is no key file</source>
        <translation>文件不是密钥文件</translation>
    </message>
    <message>
        <source>The file is no roster</source>
        <translation>文件不是人员名册</translation>
    </message>
    <message>
        <source>The file is not DICOM.</source>
        <translation>文件不是 DICOM。</translation>
    </message>
    <message>
        <source>The file is not DICOM: it names no SOP instance.</source>
        <translation>文件不是 DICOM：没有 SOP 实例标识。</translation>
    </message>
    <message>
        <source>The file is truncated: its compressed data end early.</source>
        <translation>文件不完整：压缩数据提前结束。</translation>
    </message>
    <message>
        <source>The file is truncated: its header ends early</source>
        <translation>文件不完整：文件头提前结束</translation>
    </message>
    <message>
        <source>The file is truncated: {present} of {needed} bytes of pixel data are there.</source>
        <translation>文件不完整：像素数据 {needed} 字节中只有 {present}。</translation>
    </message>
    <message>
        <source>The flags of the publication do not fit its kind</source>
        <translation>发布文件的标志与其类型不符</translation>
    </message>
    <message>
        <source>The folder of the local store cannot be made</source>
        <translation>无法建立本地库文件夹</translation>
    </message>
    <message>
        <source>The identifier is damaged ({kind})</source>
        <translation>查询条件损坏（{kind}）</translation>
    </message>
    <message>
        <source>The identifier is larger than {limit} bytes</source>
        <translation>查询条件超过 {limit} 字节</translation>
    </message>
    <message>
        <source>The image data are damaged ({kind}).</source>
        <translation>影像数据损坏（{kind}）。</translation>
    </message>
    <message>
        <source>The image data are damaged or end early.</source>
        <translation>影像数据损坏或提前结束。</translation>
    </message>
    <message>
        <source>The image data are damaged.</source>
        <translation>影像数据损坏。</translation>
    </message>
    <message>
        <source>The image data are not what the transfer syntax says.</source>
        <translation>影像数据与传输语法不符。</translation>
    </message>
    <message>
        <source>The image file cannot be read ({kind}).</source>
        <translation>影像文件无法读取（{kind}）。</translation>
    </message>
    <message>
        <source>The image file is missing.</source>
        <translation>影像文件缺失。</translation>
    </message>
    <message>
        <source>The image has no {attribute}.</source>
        <translation>影像缺少 {attribute}。</translation>
    </message>
    <message>
        <source>The image has {real} samples per pixel, its header says {said}.</source>
        <translation>影像每像素 {real} 个样本，头信息却为 {said}。</translation>
    </message>
    <message>
        <source>The image header and the signed report name different patients ({fields}); reconcile them first</source>
        <translation>影像头信息与已签名报告的患者不一致（{fields}）；请先核对</translation>
    </message>
    <message>
        <source>The image index cannot be read: {reason}.</source>
        <translation>影像索引无法读取：{reason}。</translation>
    </message>
    <message>
        <source>The image index is of version {version}.</source>
        <translation>影像索引的版本为 {version}。</translation>
    </message>
    <message>
        <source>The image is {real} pixels, its header says {said}.</source>
        <translation>影像实际为 {real} 像素，头信息却为 {said}。</translation>
    </message>
    <message>
        <source>The images carry no pixel spacing in the patient.</source>
        <translation>影像没有患者平面的像素间距。</translation>
    </message>
    <message>
        <source>The images carry no position in the patient.</source>
        <translation>影像没有患者坐标位置。</translation>
    </message>
    <message>
        <source>The images form no volume.</source>
        <translation>影像不能构成容积。</translation>
    </message>
    <message>
        <source>The images point in different directions.</source>
        <translation>影像方向不一致。</translation>
    </message>
    <message>
        <source>The key file asks for parameters that are not allowed</source>
        <translation>密钥文件的参数不被允许</translation>
    </message>
    <message>
        <source>The key file holds no RSA key</source>
        <translation>密钥文件不含 RSA 密钥</translation>
    </message>
    <message>
        <source>The key file is damaged</source>
        <translation>密钥文件损坏</translation>
    </message>
    <message>
        <source>The key file is locked in an unknown way</source>
        <translation>密钥文件的加密方式不认识</translation>
    </message>
    <message>
        <source>The key file is of version {version}</source>
        <translation>密钥文件的版本为 {version}</translation>
    </message>
    <message>
        <source>The local store cannot be opened at {path}</source>
        <translation>无法打开本地库 {path}</translation>
    </message>
    <message>
        <source>The local store cannot be written (read-only disk or missing right); nothing was changed</source>
        <translation>本地库无法写入（磁盘只读或无权限）；没有任何改动</translation>
    </message>
    <message>
        <source>The local store holds no station</source>
        <translation>本地库没有工作站信息</translation>
    </message>
    <message>
        <source>The local store is damaged; it was left as it is, restore it from a copy</source>
        <translation>本地库已损坏；已保持原样，请从备份恢复</translation>
    </message>
    <message>
        <source>The local store is held by another program of this station; nothing was changed, try again</source>
        <translation>本地库正被本机另一程序占用；没有任何改动，请重试</translation>
    </message>
    <message>
        <source>The node cannot listen on {address}: it is in use or not of this machine</source>
        <translation>无法在 {address} 监听：已被占用或不是本机地址</translation>
    </message>
    <message>
        <source>The object carries a signature already</source>
        <translation>对象已有签名</translation>
    </message>
    <message>
        <source>The object carries more than one signature</source>
        <translation>对象有多个签名</translation>
    </message>
    <message>
        <source>The object from the archive has no {element}</source>
        <translation>归档服务器的对象缺少 {element}</translation>
    </message>
    <message>
        <source>The object has no valid {name}</source>
        <translation>对象没有有效的 {name}</translation>
    </message>
    <message>
        <source>The object is damaged ({kind})</source>
        <translation>对象损坏（{kind}）</translation>
    </message>
    <message>
        <source>The object is larger than this node takes</source>
        <translation>对象超过本节点可接收的大小</translation>
    </message>
    <message>
        <source>The object is larger than {limit} bytes</source>
        <translation>对象超过 {limit} 字节</translation>
    </message>
    <message>
        <source>The object is no act</source>
        <translation>对象不是操作记录</translation>
    </message>
    <message>
        <source>The object is no publication</source>
        <translation>对象不是发布的报告</translation>
    </message>
    <message>
        <source>The object is not a DICOM file</source>
        <translation>对象不是 DICOM 文件</translation>
    </message>
    <message>
        <source>The object is not signed</source>
        <translation>对象没有签名</translation>
    </message>
    <message>
        <source>The peer accepts no syntax in which {uid} is stored</source>
        <translation>对方不接受 {uid} 的存储语法</translation>
    </message>
    <message>
        <source>The picture {file} cannot be written</source>
        <translation>无法写入图片 {file}</translation>
    </message>
    <message>
        <source>The pixel data are damaged after {count} items.</source>
        <translation>像素数据在第 {count} 项之后损坏。</translation>
    </message>
    <message>
        <source>The pixel data are empty.</source>
        <translation>像素数据为空。</translation>
    </message>
    <message>
        <source>The pixel data are smaller than rows x columns say: {present} of {needed} bytes.</source>
        <translation>像素数据少于行数 x 列数所需：{needed} 字节中只有 {present}。</translation>
    </message>
    <message>
        <source>The pixel data are truncated: {present} of {needed} bytes.</source>
        <translation>像素数据不完整：{needed} 字节中只有 {present}。</translation>
    </message>
    <message>
        <source>The pixel format differs between images.</source>
        <translation>影像的像素格式不一致。</translation>
    </message>
    <message>
        <source>The publication is of format {found}, unknown to this program</source>
        <translation>发布文件的格式 {found} 本程序不认识</translation>
    </message>
    <message>
        <source>The publication names more than one attestor</source>
        <translation>发布文件列有多位确认医师</translation>
    </message>
    <message>
        <source>The publication names more than one verifying reader</source>
        <translation>发布文件列有多位审核签发者</translation>
    </message>
    <message>
        <source>The publication tells {concept} twice</source>
        <translation>发布文件重复给出 {concept}</translation>
    </message>
    <message>
        <source>The released report {uid} has not come here yet</source>
        <translation>已发布的报告 {uid} 尚未到达本机</translation>
    </message>
    <message>
        <source>The report changed while you looked at it; nothing was signed, look at it as it is now</source>
        <translation>报告在您查看期间已有变化；没有签名，请查看最新内容</translation>
    </message>
    <message>
        <source>The report has no act {uid}</source>
        <translation>报告没有操作 {uid}</translation>
    </message>
    <message>
        <source>The review has been opened; the report can be returned but no longer recalled</source>
        <translation>审核已打开；报告只能退回，不能撤回</translation>
    </message>
    <message>
        <source>The root certificate holds no RSA key</source>
        <translation>根证书不含 RSA 密钥</translation>
    </message>
    <message>
        <source>The root certificate of the region cannot be read</source>
        <translation>区域根证书无法读取</translation>
    </message>
    <message>
        <source>The roster expired on {day}</source>
        <translation>人员名册已于 {day} 过期</translation>
    </message>
    <message>
        <source>The roster file is damaged</source>
        <translation>人员名册文件损坏</translation>
    </message>
    <message>
        <source>The roster file is of version {version}</source>
        <translation>人员名册文件的版本为 {version}</translation>
    </message>
    <message>
        <source>The roster was not signed by this root, or was changed</source>
        <translation>人员名册不是由本区域根证书签名，或已被改动</translation>
    </message>
    <message>
        <source>The row {row} has an unknown code</source>
        <translation>{row} 一栏的代码不认识</translation>
    </message>
    <message>
        <source>The row {row} has another type than it must</source>
        <translation>{row} 一栏的类型不对</translation>
    </message>
    <message>
        <source>The row {row} has characters that are no text</source>
        <translation>{row} 一栏含有非文字字符</translation>
    </message>
    <message>
        <source>The row {row} has control characters or blanks at its end that a document cannot carry</source>
        <translation>{row} 一栏含有文件不能承载的控制字符或尾部空格</translation>
    </message>
    <message>
        <source>The row {row} has no value</source>
        <translation>{row} 一栏没有值</translation>
    </message>
    <message>
        <source>The row {row} is missing</source>
        <translation>缺少 {row} 一栏</translation>
    </message>
    <message>
        <source>The row {row} is no UID</source>
        <translation>{row} 一栏不是 UID</translation>
    </message>
    <message>
        <source>The row {row} is no number</source>
        <translation>{row} 一栏不是数字</translation>
    </message>
    <message>
        <source>The row {row} is no person&apos;s name</source>
        <translation>{row} 一栏不是人名</translation>
    </message>
    <message>
        <source>The row {row} is no whole number</source>
        <translation>{row} 一栏不是整数</translation>
    </message>
    <message>
        <source>The row {row} is unknown</source>
        <translation>{row} 一栏不认识</translation>
    </message>
    <message>
        <source>The row {row} stands twice</source>
        <translation>{row} 一栏重复</translation>
    </message>
    <message>
        <source>The sequences of the object are nested too deep</source>
        <translation>对象的序列嵌套过深</translation>
    </message>
    <message>
        <source>The signature and its parameters do not belong together</source>
        <translation>签名与其参数不匹配</translation>
    </message>
    <message>
        <source>The signature of this act does not hold: {fault}</source>
        <translation>该操作的签名无效：{fault}</translation>
    </message>
    <message>
        <source>The signature uses another algorithm than RSA with SHA-256</source>
        <translation>签名算法不是 RSA SHA-256</translation>
    </message>
    <message>
        <source>The signature uses another kind of certificate than X.509</source>
        <translation>签名证书不是 X.509</translation>
    </message>
    <message>
        <source>Several images lie at the same position ({count} images, {places} positions).</source>
        <translation>多幅图像位于同一位置（{count} 幅，{places} 个位置）。</translation>
    </message>
    <message>
        <source>An image needed more memory than is allowed.</source>
        <translation>有一幅图像需要的内存超过允许值。</translation>
    </message>
    <message>
        <source>An image took longer than {seconds} s.</source>
        <translation>有一幅图像处理超过 {seconds} 秒。</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>No image process can be started ({code}).</source>
        <translation>无法启动图像进程（{code}）。</translation>
    </message>
    <message>
        <source>Slices are missing ({count}) between {start} and {end} mm.</source>
        <translation>{start} 至 {end} mm 之间缺层（{count} 层）。</translation>
    </message>
    <message>
        <source>Slices are missing ({count}) in {gaps} gaps between {start} and {end} mm.</source>
        <translation>{start} 至 {end} mm 之间有 {gaps} 处缺层（共 {count} 层）。</translation>
    </message>
    <message>
        <source>Slices are missing ({count}): steps from {smallest} to {largest} mm.</source>
        <translation>缺少 {count} 层：层间距 {smallest} 至 {largest} mm。</translation>
    </message>
    <message>
        <source>Slices are unevenly spaced: steps from {smallest} to {largest} mm.</source>
        <translation>层间距不均匀：{smallest} 至 {largest} mm。</translation>
    </message>
    <message>
        <source>Slices lie up to {deviation} mm off an even spacing of {step} mm.</source>
        <translation>层面偏离 {step} mm 等间距最多 {deviation} mm。</translation>
    </message>
    <message>
        <source>Slices of {thickness} mm overlap at a spacing of {step} mm.</source>
        <translation>层厚 {thickness} mm、层间距 {step} mm，层面重叠。</translation>
    </message>
    <message>
        <source>The archive {node} did not answer {operation} in time</source>
        <translation>归档 {node} 未及时应答 {operation}</translation>
    </message>
    <message>
        <source>The connection to the archive {node} broke during {operation}</source>
        <translation>与归档 {node} 的连接在 {operation} 时中断</translation>
    </message>
    <message>
        <source>The file holds no image any more.</source>
        <translation>文件中已没有图像。</translation>
    </message>
    <message>
        <source>The file says it has {frames} frames; more than {most} cannot be shown.</source>
        <translation>文件声明有 {frames} 帧；超过 {most} 帧无法显示。</translation>
    </message>
    <message>
        <source>The gantry was tilted by {degrees} degrees; planes through the volume are corrected.</source>
        <translation>机架倾斜 {degrees} 度；重建平面已校正。</translation>
    </message>
    <message>
        <source>The header tells a gantry tilt of {header} degrees, the positions show {degrees}.</source>
        <translation>头信息记录机架倾斜 {header} 度，而位置显示为 {degrees} 度。</translation>
    </message>
    <message>
        <source>The image has no pixel data: its file may have been cut.</source>
        <translation>图像没有像素数据：文件可能被截断。</translation>
    </message>
    <message>
        <source>The image is in a retired kind of JPEG ({name}) that no decoder here can read.</source>
        <translation>图像采用已废止的 JPEG 编码（{name}），没有可用的解码器。</translation>
    </message>
    <message>
        <source>The image numbers do not follow the positions.</source>
        <translation>图像编号与位置顺序不一致。</translation>
    </message>
    <message>
        <source>The image numbers run against the order of reading.</source>
        <translation>图像编号与阅片顺序相反。</translation>
    </message>
    <message>
        <source>The image process did not start.</source>
        <translation>图像进程未能启动。</translation>
    </message>
    <message>
        <source>The image process ended (code {code}).</source>
        <translation>图像进程已终止（代码 {code}）。</translation>
    </message>
    <message>
        <source>The image process is closed.</source>
        <translation>图像进程已关闭。</translation>
    </message>
    <message>
        <source>The images lie in {count} frames of reference.</source>
        <translation>图像分属 {count} 个参考坐标系。</translation>
    </message>
    <message>
        <source>The mosaic has no slice {number}.</source>
        <translation>拼图（mosaic）中没有第 {number} 层。</translation>
    </message>
    <message>
        <source>The pixel data are in more than {most} pieces.</source>
        <translation>像素数据被分成超过 {most} 段。</translation>
    </message>
    <message>
        <source>The pixel spacing differs between images: {smallest} to {largest} mm.</source>
        <translation>各图像像素间距不同：{smallest} 至 {largest} mm。</translation>
    </message>
    <message>
        <source>The pixels are on a JPIP server, not in this file; they cannot be shown.</source>
        <translation>像素数据在 JPIP 服务器上，不在此文件中，无法显示。</translation>
    </message>
    <message>
        <source>The series holds {count} phases, too many to part; they follow each other in time.</source>
        <translation>该序列含 {count} 个时相，过多不再拆分，按时间排列。</translation>
    </message>
    <message>
        <source>The slice spacing changes: {smallest} to {largest} mm.</source>
        <translation>层间距有变化：{smallest} 至 {largest} mm。</translation>
    </message>
    <message>
        <source>The slices are shifted against each other by up to {shift} mm.</source>
        <translation>层面之间相互错位，最大 {shift} mm。</translation>
    </message>
    <message>
        <source>The slices lie beside each other and not above each other.</source>
        <translation>各层面并排而非层叠。</translation>
    </message>
    <message>
        <source>The stack leans by {degrees} degrees; planes through the volume are corrected.</source>
        <translation>层面堆叠倾斜 {degrees} 度；重建平面已校正。</translation>
    </message>
    <message>
        <source>The station is closing</source>
        <translation>工作站正在关闭</translation>
    </message>
    <message>
        <source>The study has no final report to export</source>
        <translation>该检查没有可导出的正式报告</translation>
    </message>
    <message>
        <source>The study {study_uid} is not known here</source>
        <translation>本机没有检查 {study_uid}</translation>
    </message>
    <message>
        <source>The transfer syntax {syntax} is not for documents</source>
        <translation>传输语法 {syntax} 不适用于文档</translation>
    </message>
    <message>
        <source>The transfer syntax {syntax} is not supported.</source>
        <translation>不支持传输语法 {syntax}。</translation>
    </message>
    <message>
        <source>The unit of pixel values differs: {units}.</source>
        <translation>像素值单位不一致：{units}。</translation>
    </message>
    <message>
        <source>The words to change are not there</source>
        <translation>没有找到要修改的文字</translation>
    </message>
    <message>
        <source>The worklist shows no studies</source>
        <translation>工作列表没有显示任何检查</translation>
    </message>
    <message>
        <source>The zip archive is damaged ({kind})</source>
        <translation>压缩包损坏（{kind}）</translation>
    </message>
    <message>
        <source>The {colour} palette is missing or too short.</source>
        <translation>{colour} 调色板缺失或过短。</translation>
    </message>
    <message>
        <source>The {what} on the screen is not what cosight render draws</source>
        <translation>屏幕上的{what}与 cosight render 所绘不一致</translation>
    </message>
    <message>
        <source>There are two versions of this report; a person must resolve them first</source>
        <translation>这份报告有两个版本；须先由人选定</translation>
    </message>
    <message>
        <source>There is no display here to open a window on; the command line works without one</source>
        <translation>这里没有可用的显示器，无法打开窗口；命令行不需要显示器</translation>
    </message>
    <message>
        <source>There is no file or folder {name}</source>
        <translation>没有文件或文件夹 {name}</translation>
    </message>
    <message>
        <source>There is no file or series {source} with images here</source>
        <translation>本机没有含影像的文件或序列 {source}</translation>
    </message>
    <message>
        <source>There is no frame {frame}: the series has {count}</source>
        <translation>没有第 {frame} 帧：该序列共 {count} 帧</translation>
    </message>
    <message>
        <source>There is no password for {person}: set COSIGHT_PASSWORD</source>
        <translation>没有 {person} 的密码：请设置 COSIGHT_PASSWORD</translation>
    </message>
    <message>
        <source>There is no query level {level}</source>
        <translation>没有查询级别 {level}</translation>
    </message>
    <message>
        <source>There is no such file</source>
        <translation>没有这个文件</translation>
    </message>
    <message>
        <source>There is no {name} on the screen</source>
        <translation>屏幕上没有 {name}</translation>
    </message>
    <message>
        <source>There is no {plane} plane on the screen</source>
        <translation>屏幕上没有 {plane} 平面</translation>
    </message>
    <message>
        <source>There is no {what} on the screen</source>
        <translation>屏幕上没有 {what}</translation>
    </message>
    <message>
        <source>There is only one version of this report: nothing to resolve</source>
        <translation>这份报告只有一个版本：无需选定</translation>
    </message>
    <message>
        <source>This is a video ({name}); videos cannot be shown.</source>
        <translation>这是视频（{name}），无法显示。</translation>
    </message>
    <message>
        <source>This station has no {file} in its region folder; it was not set up</source>
        <translation>本机区域文件夹中没有 {file}；尚未设置</translation>
    </message>
    <message>
        <source>This station knows no archive {name}</source>
        <translation>本机不认识归档服务器 {name}</translation>
    </message>
    <message>
        <source>This station knows no study or report {name}</source>
        <translation>本机没有检查或报告 {name}</translation>
    </message>
    <message>
        <source>Two different acts carry one UID; neither counts: {detail}</source>
        <translation>两条不同的记录使用同一 UID，均不予承认：{detail}</translation>
    </message>
    <message>
        <source>Two different acts carry the same UID {uid}; only one that another person built on can count</source>
        <translation>两个不同的操作使用同一 UID {uid}；只有他人已据以继续的那个可能有效</translation>
    </message>
    <message>
        <source>Two different released reports carry one UID: {detail}</source>
        <translation>两份不同的已发布报告使用同一 UID：{detail}</translation>
    </message>
    <message>
        <source>Waited {seconds} s for {what}</source>
        <translation>等待 {what} 已 {seconds} 秒</translation>
    </message>
    <message>
        <source>What was to be sent is missing or damaged in the local store: {detail}</source>
        <translation>待发送的内容在本机缺失或损坏：{detail}</translation>
    </message>
    <message>
        <source>Wrong password</source>
        <translation>密码错误</translation>
    </message>
    <message>
        <source>YBR_FULL_422 with an odd number of columns cannot be shown.</source>
        <translation>列数为奇数的 YBR_FULL_422 无法显示。</translation>
    </message>
    <message>
        <source>getscu fetched {count} objects, not one</source>
        <translation>getscu 取回了 {count} 个对象，而不是一个</translation>
    </message>
    <message>
        <source>{act} is for {owner}, who holds this draft; take it over first</source>
        <translation>{act}须由草稿持有人 {owner} 进行；请先接手</translation>
    </message>
    <message>
        <source>{act} is not possible: the report is {state}</source>
        <translation>不能{act}：报告状态为「{state}」</translation>
    </message>
    <message>
        <source>{act} must carry a grade</source>
        <translation>{act}须给出等级</translation>
    </message>
    <message>
        <source>{act} must say to whom</source>
        <translation>{act}须指明对象</translation>
    </message>
    <message>
        <source>{act} must say which text stands and whether it is submitted or final</source>
        <translation>{act}须指明采用哪份文字，以及是提交还是签发</translation>
    </message>
    <message>
        <source>{act} needs a reason</source>
        <translation>{act}须填写原因</translation>
    </message>
    <message>
        <source>{act} needs another person: {person} wrote or attested this text</source>
        <translation>{act}须由另一人进行：{person} 书写或确认过这份文字</translation>
    </message>
    <message>
        <source>{act} needs findings or an impression</source>
        <translation>{act}须有影像所见或诊断意见</translation>
    </message>
    <message>
        <source>{act} needs the level {needed}; {person} does not hold it or did not act in it</source>
        <translation>{act}须为{needed}；{person} 没有该级别或未以该级别操作</translation>
    </message>
    <message>
        <source>{attribute} cannot be read.</source>
        <translation>{attribute} 无法读取。</translation>
    </message>
    <message>
        <source>{bits} bits allocated per pixel cannot be shown.</source>
        <translation>每像素分配 {bits} 位的影像无法显示。</translation>
    </message>
    <message>
        <source>{count} diffusion images lie at each position; they follow each other by direction.</source>
        <translation>每个位置有 {count} 幅弥散图像，按方向依次排列。</translation>
    </message>
    <message>
        <source>Too few images for a volume: {count}.</source>
        <translation>{count} 幅影像不足以构成容积。</translation>
    </message>
    <message>
        <source>{count} studies carry the number {name}: say which by its Study Instance UID</source>
        <translation>有 {count} 个检查使用编号 {name}，请用 Study Instance UID 指明是哪一个</translation>
    </message>
    <message>
        <source>{file} cannot be read as UTF-8 text</source>
        <translation>{file} 无法按 UTF-8 文本读取</translation>
    </message>
    <message>
        <source>{file} cannot be read as text</source>
        <translation>{file} 无法按文本读取</translation>
    </message>
    <message>
        <source>{file} cannot be read or written: {why}</source>
        <translation>{file} 无法读取或写入：{why}</translation>
    </message>
    <message>
        <source>{file} cannot be read: {why}</source>
        <translation>{file} 无法读取：{why}</translation>
    </message>
    <message>
        <source>{file} has an option that does not exist: {key}</source>
        <translation>{file} 含有不存在的选项：{key}</translation>
    </message>
    <message>
        <source>{file} is not TOML: {problem}</source>
        <translation>{file} 不是 TOML：{problem}</translation>
    </message>
    <message>
        <source>{file}: {key} must be {kind}</source>
        <translation>{file}：{key} 须为{kind}</translation>
    </message>
    <message>
        <source>{file}: {key} must lie between {least} and {most}</source>
        <translation>{file}：{key} 须在 {least} 与 {most} 之间</translation>
    </message>
    <message>
        <source>{node} refused {uid} with status {status}</source>
        <translation>{node} 拒收 {uid}，状态 {status}</translation>
    </message>
    <message>
        <source>{node} stripped the signature of {uid}: keep reports at another node</source>
        <translation>{node} 去除了 {uid} 的签名：请将报告存到其他节点</translation>
    </message>
    <message>
        <source>{node} took {uid} but does not give it back yet</source>
        <translation>{node} 已接收 {uid}，但尚未能取回核对</translation>
    </message>
    <message>
        <source>{option} takes two numbers with a comma, not {given}</source>
        <translation>{option} 的格式为逗号分隔的两个数，而不是 {given}</translation>
    </message>
    <message>
        <source>{person} cannot log in here</source>
        <translation>{person} 不能在此登录</translation>
    </message>
    <message>
        <source>{person} has no key at this station</source>
        <translation>{person} 在本机没有签名密钥</translation>
    </message>
    <message>
        <source>{person} is not in the roster</source>
        <translation>{person} 不在人员名册中</translation>
    </message>
    <message>
        <source>{person} may not resolve this: only their sole author may, or a second-level reader who attested none</source>
        <translation>{person} 不能选定：只有全部版本的唯一作者，或未确认过任何一份的二级医师可以</translation>
    </message>
    <message>
        <source>{person} or a certificate stands twice</source>
        <translation>{person} 或其证书重复</translation>
    </message>
    <message>
        <source>{program} did not answer</source>
        <translation>{program} 没有应答</translation>
    </message>
    <message>
        <source>{program} failed: {why}</source>
        <translation>{program} 失败：{why}</translation>
    </message>
    <message>
        <source>{samples} samples per pixel as {photometric} cannot be shown.</source>
        <translation>每像素 {samples} 个样本的 {photometric} 影像无法显示。</translation>
    </message>
    <message>
        <source>{uid} waits to be sent but is missing or damaged in the local store</source>
        <translation>{uid} 等待发送，但在本机缺失或损坏</translation>
    </message>
</context>
</TS>
