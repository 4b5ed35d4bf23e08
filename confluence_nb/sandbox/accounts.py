"""The people of the sandbox: those who sign in, and those who wrote its pages."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass

_NAMES: tuple[tuple[str, str], ...] = (
    ("Ada Lovelace", "ada.lovelace"),
    ("Grace Hopper", "grace.hopper"),
    ("Katherine Johnson", "katherine.johnson"),
    ("Nobody Licensed", "nobody.licensed"),
    ("Alan Turing", "alan.turing"),
    ("Emmy Noether", "emmy.noether"),
    ("Søren Kierkegaard", "soren.kierkegaard"),
    ("Åsa Öberg", "asa.oberg"),
    ("José Ángel Núñez", "jose.nunez"),
    ("Zoë van der Bergh-D’Arcy", "zoe.vanderbergh"),
    ("François Lefèvre", "francois.lefevre"),
    ("Jürgen Weiß", "juergen.weiss"),
    ("Łukasz Wiśniewski", "lukasz.wisniewski"),
    ("Nguyễn Thị Hồng", "hong.nguyen"),
    ("Gökçe Işık", "gokce.isik"),
    ("Ştefan Țăranu", "stefan.taranu"),
    ("Þóra Guðmundsdóttir", "thora.gudmundsdottir"),
    ("Siobhán Ní Bhriain", "siobhan.nibhriain"),
    ("João Conceição", "joao.conceicao"),
    ("Dvořák Jiří", "jiri.dvorak"),
    ("Мария Кузнецова", "maria.kuznetsova"),
    ("Олександр Шевченко", "oleksandr.shevchenko"),
    ("Ђорђе Петровић", "djordje.petrovic"),
    ("Ελένη Παπαδοπούλου", "eleni.papadopoulou"),
    ("Νίκος Γεωργίου", "nikos.georgiou"),
    ("ნინო ბერიძე", "nino.beridze"),
    ("Անի Հակոբյան", "ani.hakobyan"),
    ("دانا الخطيب", "dana.alkhatib"),
    ("محمد رضا حسینی", "mohammadreza.hosseini"),
    ("עדי כהן", "adi.cohen"),
    ("अनन्या शर्मा", "ananya.sharma"),
    ("প্রিয়াঙ্কা সেন", "priyanka.sen"),
    ("கவிதா முருகன்", "kavitha.murugan"),
    ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "gurpreet.singh"),
    ("సాయి రెడ్డి", "sai.reddy"),
    ("සමන් පෙරේරා", "saman.perera"),
    ("สมชาย ใจดี", "somchai.jaidee"),
    ("ສົມພອນ ແກ້ວ", "somphone.keo"),
    ("သီရိ အောင်", "thiri.aung"),
    ("សុខា ចាន់", "sokha.chan"),
    ("ሰላም ተስፋዬ", "selam.tesfaye"),
    ("李小龙", "xiaolong.li"),
    ("陳美玲", "meiling.chen"),
    ("山田 太郎", "taro.yamada"),
    ("さくら 髙橋", "sakura.takahashi"),
    ("김민준", "minjun.kim"),
    ("박서연", "seoyeon.park"),
    ("Бат-Эрдэнэ Ганбаатар", "bat-erdene.ganbaatar"),
    ("Айгүл Нұрланқызы", "aigul.nurlankyzy"),
    ("Chiamaka Okonkwọ", "chiamaka.okonkwo"),
    ("Wanjikũ Mũthoni", "wanjiku.muthoni"),
    ("Thandiwe Mokoena", "thandiwe.mokoena"),
    ("Kealoha Kāneʻohe", "kealoha.kaneohe"),
    ("Te Ariki Ngāwhā", "teariki.ngawha"),
    ("Itzel Quetzalcóatl", "itzel.quetzalcoatl"),
    ("X Æ", "x.ae"),
    ("O", "o"),
    ('Robert "Bobby" <Tables>', "robert.tables"),
    ("Maximiliana Konstantina von und zu Hohenlohe-Langenburg-Weikersheim", "m.hohenlohe"),
    ("Release Bot 🤖", "release.bot"),
)


@dataclass(frozen=True)
class Account:
    """One Atlassian account.

    Parameters
    ----------
    account_id:
        As Atlassian writes them: a site number and a UUID, or 24 hexadecimal digits for the older ones.
    name:
        Display name, any alphabet.
    email:
        An address under example.com.
    picture:
        Address of the avatar.
    """

    account_id: str
    name: str
    email: str
    picture: str


def _people() -> tuple[Account, ...]:
    draw = random.Random("the people of the sandbox")
    people = []
    for number, (name, mailbox) in enumerate(_NAMES):
        if number % 3 == 2:
            account_id = f"5f{draw.getrandbits(88):022x}"
        else:
            account_id = f"712020:{uuid.UUID(int=draw.getrandbits(128), version=4)}"
        picture = f"https://avatars.example.com/{account_id.replace(':', '-')}.png"
        people.append(Account(account_id, name, f"{mailbox}@example.com", picture))
    return tuple(people)


ACCOUNTS: tuple[Account, ...] = _people()
"""Everybody; the first few are those that the consent page offers."""

SIGN_IN_ACCOUNTS: tuple[Account, ...] = ACCOUNTS[:4]
"""Those that the consent page offers; the first is chosen unless somebody picks another."""

UNLICENSED: Account = ACCOUNTS[3]
"""Can sign in, but no site lets this account use Confluence."""
