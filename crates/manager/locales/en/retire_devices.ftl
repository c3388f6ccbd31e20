### Devices that esimctl cannot read, how an eSIM is removed on them, and what was known of a profile before its case.

## Steps that the user takes without esimctl

retire-step-backup-by-word =
    .why = What is stored on the SIM goes with it. esimctl cannot read this device, so save it there: contacts and messages that are kept on the SIM, and a picture of the settings page with the number and the ICCID.
    .how = esimctl retire record { $case } backup --note "saved on the phone"
retire-step-clean-by-word =
    .why = Only now does the eSIM go, on the device itself. The device should then tell the operator's server, and nobody here can check that. So your word is recorded as your word, with its date and your evidence.
    .how = esimctl retire guide
        esimctl retire clean { $case } --removed NAME --file PROOF

## What the user says of a device

retire-word-yours = your word
retire-word-users = the user's word
retire-word-open = the profile is there, as far as is known
retire-word-removed = removed, by { $whose }, on { $date }, with evidence { $files }
retire-word-removed-bare = removed, by { $whose }, on { $date }, without evidence
retire-word-written-off = given up; the profile may still be on it. Reason: { $reason }
retire-word-early = recorded despite { $against }
retire-word-heading = Devices that esimctl cannot read. What is said of them rests on your word:
retire-welcome-removed = Nothing was changed. As far as is known, no device has the profile any more. Ending { $title } takes these steps:
retire-word-line = - { $device }: { $state }
retire-word-none = No device is named yet. Name those that had the profile: esimctl retire device { $case } --add NAME
retire-word-state = done, in part by { $whose }
retire-word-state-alone = done, by { $whose } alone
retire-word-summary = Proved by a card: { $proved }. By { $whose }: { $told }. Given up: { $given_up }.
retire-word-early-warning = Recorded despite { $against }. The contract may still run, and removing the eSIM does not end it.
retire-event-started-by-word = The case was opened: { $title }.
retire-word-event-number = The telephone number, by the user's word: { $number }.
retire-word-event-iccid = By the user's word, the ICCID is: { $iccid }.
retire-word-event-named = By the user's word, the profile is or was on: { $device }.
retire-word-event-removed = By the user's word, the profile was removed from { $device } on { $date }. Evidence: { $files }
retire-word-event-removed-bare = By the user's word, the profile was removed from { $device } on { $date }. There is no evidence.
retire-word-event-early = Recorded despite { $against }.
retire-word-event-written-off = { $device } was given up; the profile may still be on it. Reason: { $reason }
retire-word-event-still-there = By the user's word, the profile is on { $device } after all. Reason: { $reason }
retire-report-despite-by-word = { $device }: by the user's word, the profile was removed on { $date } despite { $against }.
retire-report-heading-by-word = Devices by the user's word; no card proves this
retire-column-number = No.
retire-column-recorded = Recorded

## What was known before the case

retire-adopted-deleted = Before this case, the profile was deleted from { $eid }; reading the card again confirmed it (change { $journal }, { $at }).
retire-adopted-reset = Before this case, the card { $eid } was reset and the profile went with that; reading the card again confirmed it (change { $journal }, { $at }).
retire-adopted-signed = Before this case, the card { $eid } signed that it deleted the profile. Its notification came here { $at }. When and by what the profile was deleted is not on record.
retire-adopted-missing = Before this case, the profile was missing from { $eid } when the card was read ({ $at }). What removed it is not on record.
retire-adopted-begun = Before this case, a removal from { $eid } was begun (change { $journal }). How it ended is not known. To find out: esimctl recover
retire-adopted-silent = No notification of that is on record here, so it is not known whether the operator's server was told.
retire-adopted-state = before this case, on { $date }: { $state }
retire-adopted-state-signed = signed by the card before this case, here since { $date }: { $state }
retire-adopted-state-silent = deleted before this case, on { $date }; whether its server knows is not on record
retire-adopted-state-missing = missing before this case, since { $date }

## How an eSIM is removed

retire-guide-head = Removing the eSIM: { $device }
retire-guide-notes-head = On every device
retire-guide-notes =
    - Removing an eSIM ends no contract. Remove it last, when the operator has confirmed the end.
    - Have the device online, by Wi-Fi for example: it has to tell the operator's server, and can do so only then. Whether it did, only the operator can tell you. Ask them.
    - Take a picture of the line with its ICCID before, and of the list without it afterwards. These are your evidence.
    - To turn a line off is not to remove it.
    - To move an eSIM to another device, use the transfer that the device or the operator offers, before you remove anything. A QR code usually works once: keep it until the new device is online.
    - To erase the whole device may keep the eSIM or erase it, by your choice. Look for that choice.
    - On a lost device, lock it from afar and have the operator block the line. To erase it from afar may leave the eSIM on it.
    - Names in the settings differ by maker, version and country.
retire-guide-iphone = iPhone
    .steps =
        1. Open Settings, then Cellular (also called Mobile Service or Mobile Data).
        2. Choose the line under SIMs. Its number stands there; the ICCID is in Settings, General, About.
        3. Choose Delete eSIM (also called Remove Cellular Plan), and confirm.
        4. See that the line is gone from the list.
retire-guide-ipad = iPad
    .steps =
        1. Open Settings, then Cellular Data (also called Mobile Data).
        2. Choose the plan. The ICCID is in Settings, General, About.
        3. Choose Delete eSIM (also called Remove Plan), and confirm.
        4. See that the plan is gone from the list.
retire-guide-pixel = Google Pixel
    .steps =
        1. Open Settings, then Network & internet, then SIMs.
        2. Choose the SIM. The ICCID is in Settings, About phone, SIM status.
        3. Choose Erase SIM or Delete SIM at the end of the page, and confirm.
        4. See that the SIM is gone from the list.
retire-guide-samsung = Samsung Galaxy
    .steps =
        1. Open Settings, then Connections, then SIM manager.
        2. Choose the eSIM. The ICCID is in Settings, About phone, Status information.
        3. Choose Remove or Delete, and confirm.
        4. See that the eSIM is gone from the list.
retire-guide-android = another Android phone
    .steps =
        1. Open Settings and search for "SIM" or "eSIM".
        2. Choose the eSIM. The ICCID is often in About phone, under Status or SIM status.
        3. Choose Delete, Erase or Remove, and confirm. To disable it is not enough.
        4. See that the eSIM is gone from the list.
retire-guide-watch = watch
    .steps =
        1. Apple Watch: open the Watch app on the iPhone, then My Watch, then Cellular (also called Mobile Data).
        2. Choose the sign of information beside the plan, then Remove Plan, and confirm. If you unpair the watch, you are asked whether the plan stays on it: choose to remove it.
        3. Wear OS: open the app of the watch on the phone (Galaxy Wearable or Google Pixel Watch), then Mobile plans or Mobile network.
        4. Choose the plan, then remove or delete it, and confirm. Some operators have that done in their own app.
        5. See that the plan is gone from the app. The number of a watch is often an extra line of its own contract: ask the operator.
retire-guide-windows = Windows laptop or tablet
    .steps =
        1. Open Settings, then Network & internet, then Cellular.
        2. Choose eSIM profiles (also called Manage eSIM profiles), then the profile. Its ICCID is shown there.
        3. Choose Delete, and confirm.
        4. See that the profile is gone from the list. Where Linux runs on the machine, esimctl may read its modem: esimctl devices

## Beginning at the terminal

retire-begin = No subscription is being ended. This leads you through it, step by step; nothing is changed without your word.
retire-begin-no-card = No card that esimctl can read is at hand: { $why }
retire-begin-found = Cards at hand: { $devices }
retire-ask-begin-where = Where is the eSIM: on a card at hand [c], or elsewhere (in a phone or watch, lost, or deleted already) [e]? Later [Enter]:{" "}
retire-ask-begin-elsewhere = Begin for an eSIM that is elsewhere: in a phone or watch, lost, or deleted already [e]? Later [Enter]:{" "}
retire-ask-begin-profile = Which profile: @number, ICCID or name? Later [Enter]:{" "}
retire-ask-begin-name = What do you call the subscription? Later [Enter]:{" "}
retire-ask-begin-provider = The operator? Leave out [Enter]:{" "}
retire-ask-begin-iccid = The ICCID, if you know it (18 to 20 digits)? Leave out [Enter]:{" "}
retire-ask-begin-device = A device that it is or was on, in your words, for example "my iPhone"? None [Enter]:{" "}
retire-ask-begin-another = Another device? None [Enter]:{" "}
retire-ask-begin-other = Is or was it on another device that esimctl cannot read, for example "my iPhone"? No [Enter]:{" "}
retire-ask-kind = What is { $device }: iphone, ipad, pixel, samsung, android, watch or windows? None of these [Enter]:{" "}
retire-ask-word = Is the eSIM removed from { $device } [d], or is the device lost or sold [l]? Later [Enter]:{" "}
retire-ask-word-date = On which day was it removed? Today, { $today } [Enter]:{" "}
retire-ask-word-file = A file that shows it? None [Enter]:{" "}
retire-ask-report = Into which file shall the report go, for example { $example }? Later [Enter]:{" "}
retire-word-against = Reasons not to do this now:
retire-trace-inventory = inventory
