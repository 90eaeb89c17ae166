//! United Kingdom, Netherlands and Sweden.

use super::{CountryText, city};

pub(super) static UNITED_KINGDOM: CountryText = CountryText {
    name: "United Kingdom",
    share: 11,
    first_names: "Oliver, Amelia, George, Isla, Harry, Ava, Jack, Emily, Charlie, Sophia, Thomas, \
        Grace, Oscar, Poppy, William, Freya, Henry, Florence, Edward, Rosie, Alfie, Evie, Arthur, \
        Alice, Hugo, Matilda, Rory, Imogen, Callum, Eilidh, Rhys, Megan, Ewan, Fiona, Nigel, \
        Philippa, Graham, Harriet, Alastair, Niamh, Tariq, Zara, Imran, Yasmin, Ada, Beatrix",
    last_names: "Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Robinson, Wright, \
        Thompson, Evans, Walker, White, Roberts, Green, Hall, Wood, Jackson, Clarke, Patel, Khan, \
        Lewis, James, Phillips, Mason, Mitchell, Rose, Davis, Rogers, Cox, Ellis, Bennett, Hughes, \
        Edwards, Turner, Baker, Parker, Cooper, Ward, Morris, Bell, Bailey, Shaw, Marshall, Hunt, \
        Palmer, Mills, Holmes, Byron, Ashworth, Blackwood, Fairfax, Hargreaves, Pemberton, \
        MacGregor, Sutherland, Llewellyn, O'Neill, Ahmed, Hussain, Begum, Whittaker, Lovelace",
    legal_forms: "Ltd, Ltd, Ltd, Limited, plc, LLP",
    domains: "co.uk, co.uk, co.uk, com, com, uk",
    trades: "Engineering, Logistics, Consulting, Media, Foods, Textiles, Insurance, Software, \
        Instruments, Brewing, Holdings, Maritime, Associates, Pharma",
    phones: "+44771#######, +44774#######, +44775#######, +44740#######, +44796#######",
    cities: &[
        city("London", "Greater London", 51.5074, -0.1278, "EC#A 4BX"),
        city("Manchester", "Greater Manchester", 53.4808, -2.2426, "M# 4BT"),
        city("Birmingham", "West Midlands", 52.4862, -1.8904, "B# 2AA"),
        city("Edinburgh", "Scotland", 55.9533, -3.1883, "EH# 2NG"),
        city("Leeds", "West Yorkshire", 53.8008, -1.5491, "LS# 4DY"),
        city("Bristol", "Bristol", 51.4545, -2.5879, "BS# 5TR"),
        city("Cardiff", "Wales", 51.4816, -3.1791, "CF# 4UW"),
    ],
};

pub(super) static NETHERLANDS: CountryText = CountryText {
    name: "Netherlands",
    share: 5,
    first_names: "Daan, Emma, Bram, Julia, Sem, Tess, Lucas, Sophie, Levi, Zoë, Finn, Anna, Luuk, \
        Eva, Milan, Lotte, Thijs, Fleur, Jesse, Sanne, Ruben, Femke, Lars, Anouk, Tim, Maud, Jan, \
        Marieke, Pieter, Annelies, Joost, Ingrid, Sander, Wendy, Jeroen, Esther, Maarten, Hanneke, \
        Wouter, Roos, Gijs, Noor, Floris, Saskia",
    last_names: "de Jong, Jansen, de Vries, van den Berg, van Dijk, Bakker, Janssen, Visser, Smit, \
        Meijer, de Boer, Mulder, de Groot, Bos, Vos, Peters, Hendriks, van Leeuwen, Dekker, \
        Brouwer, de Wit, Dijkstra, Smits, de Graaf, van der Meer, van der Linden, Kok, Jacobs, \
        de Haan, Vermeulen, van den Heuvel, van der Veen, van den Broek, de Bruijn, Schouten, \
        van Beek, Willems, van Vliet, Hoekstra, Maas, Verhoeven, Koster, van Dam, Prins, Blom, \
        Huisman, Peeters, Postma, Kuipers, Veenstra, Kuiper, van Wijk, Timmermans, Gerritsen, \
        Scholten, Bosch, Evers, van Schaik, Molenaar, Kramer, Hofman, Zijlstra",
    legal_forms: "B.V., B.V., B.V., N.V., V.O.F.",
    domains: "nl, nl, nl, com, eu",
    trades: "Logistiek, Techniek, Advies, Zorg, Energie, Scheepvaart, Bouw, Software, Groep, \
        Verzekeringen, Tuinbouw, Transport",
    phones: "+3161#######, +3162#######, +3164#######, +3165#######",
    cities: &[
        city("Amsterdam", "Noord-Holland", 52.3676, 4.9041, "101# AB"),
        city("Rotterdam", "Zuid-Holland", 51.9244, 4.4777, "301# CL"),
        city("Utrecht", "Utrecht", 52.0907, 5.1214, "351# GH"),
        city("Den Haag", "Zuid-Holland", 52.0705, 4.3007, "251# EK"),
        city("Eindhoven", "Noord-Brabant", 51.4416, 5.4697, "561# AA"),
        city("Groningen", "Groningen", 53.2194, 6.5665, "971# JC"),
    ],
};

pub(super) static SWEDEN: CountryText = CountryText {
    name: "Sweden",
    share: 4,
    first_names: "Lucas, Alice, Liam, Maja, William, Elsa, Elias, Ebba, Hugo, Wilma, Oliver, Saga, \
        Oscar, Freja, Axel, Astrid, Viktor, Linnéa, Gustav, Ella, Nils, Stina, Erik, Karin, Lars, \
        Anna, Anders, Kerstin, Johan, Birgitta, Per, Malin, Fredrik, Åsa, Björn, Sofia, Mattias, \
        Helena, Sven, Ingrid, Mikael, Annika, Göran, Märta",
    last_names: "Andersson, Johansson, Karlsson, Nilsson, Eriksson, Larsson, Olsson, Persson, \
        Svensson, Gustafsson, Pettersson, Jonsson, Jansson, Hansson, Bengtsson, Jönsson, Lindberg, \
        Jakobsson, Magnusson, Lindström, Olofsson, Lindqvist, Lindgren, Berg, Axelsson, Bergström, \
        Lundberg, Lind, Lundgren, Lundqvist, Mattsson, Berglund, Fredriksson, Sandberg, \
        Henriksson, Forsberg, Sjöberg, Wallin, Engström, Eklund, Danielsson, Lundin, Håkansson, \
        Björk, Bergman, Gunnarsson, Holm, Wikström, Samuelsson, Isaksson, Fransson, Bergqvist, \
        Nyström, Holmberg, Arvidsson, Löfgren, Söderberg, Nyberg, Blomqvist, Claesson, Nordström, \
        Mårtensson",
    legal_forms: "AB, AB, AB, HB, Handelsbolag",
    domains: "se, se, se, com, nu",
    trades: "Teknik, Konsult, Bygg, Energi, Skog, Data, Transport, Industri, Fastigheter, Media, \
        Hälsa, Verkstad",
    phones: "+4670#######, +4672#######, +4673#######, +4676#######",
    cities: &[
        city("Stockholm", "Stockholm", 59.3293, 18.0686, "111 2#"),
        city("Göteborg", "Västra Götaland", 57.7089, 11.9746, "411 0#"),
        city("Malmö", "Skåne", 55.605, 13.0038, "211 1#"),
        city("Uppsala", "Uppsala", 59.8586, 17.6389, "753 1#"),
        city("Linköping", "Östergötland", 58.4108, 15.6214, "582 2#"),
        city("Umeå", "Västerbotten", 63.8258, 20.263, "903 2#"),
    ],
};
