//! Germany and Poland.

use super::{CountryText, city};

pub(super) static GERMANY: CountryText = CountryText {
    name: "Germany",
    share: 12,
    first_names: "Lukas, Anna, Leon, Lena, Finn, Mia, Jonas, Emma, Maximilian, Hannah, Felix, Sophie, \
        Paul, Marie, Elias, Laura, Ben, Lea, Moritz, Clara, Jürgen, Sabine, Thomas, Petra, Andreas, \
        Claudia, Stefan, Susanne, Markus, Birgit, Wolfgang, Renate, Klaus, Ingrid, Matthias, \
        Katharina, Sebastian, Julia, Florian, Franziska, Tobias, Johanna, Björn, Anneliese, Emre, \
        Ayşe, Dieter, Heike, Götz, Bärbel",
    last_names: "Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, \
        Schäfer, Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, \
        Krüger, Hofmann, Hartmann, Lange, Schmitt, Werner, Schmitz, Krause, Meier, Lehmann, \
        Schmid, Schulze, Maier, Köhler, Herrmann, König, Walter, Mayer, Huber, Kaiser, Fuchs, \
        Peters, Lang, Scholz, Möller, Weiß, Jung, Hahn, Schubert, Vogel, Friedrich, Keller, \
        Günther, Frank, Berger, Winkler, Roth, Beck, Lorenz, Baumann, Franke, Albrecht, Schuster, \
        Yılmaz, Öztürk, von Arnim, Großmann",
    legal_forms: "GmbH, GmbH, GmbH, GmbH, AG, GmbH & Co. KG, KG, SE, e.K.",
    domains: "de, de, de, de, com, eu",
    trades: "Logistik, Technik, Software, Bau, Maschinenbau, Beratung, Elektronik, Pharma, Energie, \
        Versicherungen, Medien, Werkzeuge, Handels, Umwelttechnik, Gebäudetechnik",
    phones: "+49151########, +49160#######, +49170#######, +49172#######, +49176########",
    cities: &[
        city("Berlin", "Berlin", 52.52, 13.405, "10###"),
        city("München", "Bayern", 48.1351, 11.582, "80###"),
        city("Hamburg", "Hamburg", 53.5511, 9.9937, "20###"),
        city("Köln", "Nordrhein-Westfalen", 50.9375, 6.9603, "50###"),
        city("Frankfurt am Main", "Hessen", 50.1109, 8.6821, "60###"),
        city("Stuttgart", "Baden-Württemberg", 48.7758, 9.1829, "70###"),
        city("Leipzig", "Sachsen", 51.3397, 12.3731, "04###"),
        city("Nürnberg", "Bayern", 49.4521, 11.0767, "90###"),
    ],
};

pub(super) static POLAND: CountryText = CountryText {
    name: "Poland",
    share: 4,
    first_names: "Jakub, Julia, Antoni, Zuzanna, Jan, Zofia, Szymon, Hanna, Aleksander, Maja, \
        Franciszek, Lena, Filip, Alicja, Mikołaj, Maria, Wojciech, Oliwia, Kacper, Amelia, Adam, \
        Aleksandra, Michał, Wiktoria, Piotr, Katarzyna, Krzysztof, Małgorzata, Andrzej, Agnieszka, \
        Tomasz, Barbara, Paweł, Ewa, Marcin, Krystyna, Grzegorz, Magdalena, Łukasz, Joanna, \
        Stanisław, Bożena, Rafał, Żaneta",
    last_names: "Nowak, Kowalski, Wiśniewski, Wójcik, Kowalczyk, Kamiński, Lewandowski, Zieliński, \
        Szymański, Woźniak, Dąbrowski, Kozłowski, Jankowski, Mazur, Kwiatkowski, Krawczyk, \
        Kaczmarek, Piotrowski, Grabowski, Zając, Pawłowski, Michalski, Król, Wieczorek, Jabłoński, \
        Wróbel, Nowakowski, Majewski, Olszewski, Stępień, Malinowski, Jaworski, Adamczyk, Dudek, \
        Nowicki, Pawlak, Górski, Witkowski, Walczak, Sikora, Baran, Rutkowski, Michalak, Szewczyk, \
        Ostrowski, Tomaszewski, Pietrzak, Zalewski, Wróblewski, Marciniak, Jasiński, Zawadzki, \
        Bąk, Jakubowski, Sadowski, Duda, Włodarczyk, Wilk, Chmielewski, Borkowski, Sokołowski, \
        Szczepański",
    legal_forms: "Sp. z o.o., Sp. z o.o., Sp. z o.o., S.A., Sp. k., Sp. j.",
    domains: "pl, pl, pl, com.pl, com",
    trades: "Logistyka, Technologie, Budownictwo, Doradztwo, Energia, Systemy, Meble, Transport, \
        Farmacja, Maszyny, Media, Ubezpieczenia",
    phones: "+4850#######, +4851#######, +4860#######, +4869#######, +4879#######",
    cities: &[
        city("Warszawa", "Mazowieckie", 52.2297, 21.0122, "00-###"),
        city("Kraków", "Małopolskie", 50.0647, 19.945, "30-###"),
        city("Wrocław", "Dolnośląskie", 51.1079, 17.0385, "50-###"),
        city("Poznań", "Wielkopolskie", 52.4064, 16.9252, "60-###"),
        city("Gdańsk", "Pomorskie", 54.352, 18.6466, "80-###"),
        city("Łódź", "Łódzkie", 51.7592, 19.456, "90-###"),
    ],
};
