//! France, Spain and Italy.

use super::{CountryText, city};

pub(super) static FRANCE: CountryText = CountryText {
    name: "France",
    share: 8,
    first_names: "Gabriel, Louise, Léo, Emma, Raphaël, Jade, Louis, Alice, Arthur, Chloé, Jules, Lina, \
        Adam, Mila, Hugo, Léa, Lucas, Manon, Nathan, Camille, Théo, Inès, Jean, Nathalie, Pierre, \
        Isabelle, Michel, Sylvie, Philippe, Catherine, Nicolas, Céline, Laurent, Aurélie, \
        François, Hélène, Benoît, Élodie, Mehdi, Fatima, Guillaume, Margaux, Étienne, Sandrine, \
        Jean-Luc, Marie-Claude",
    last_names: "Martin, Bernard, Thomas, Petit, Robert, Richard, Durand, Dubois, Moreau, Laurent, \
        Simon, Michel, Lefebvre, Leroy, Roux, David, Bertrand, Morel, Fournier, Girard, Bonnet, \
        Dupont, Lambert, Fontaine, Rousseau, Vincent, Muller, Lefèvre, Faure, André, Mercier, \
        Blanc, Guérin, Boyer, Garnier, Chevalier, François, Legrand, Gauthier, Garcia, Perrin, \
        Robin, Clément, Morin, Nicolas, Henry, Roussel, Mathieu, Gautier, Masson, Marchand, Duval, \
        Denis, Dumont, Marie, Lemaire, Noël, Meyer, Dufour, Meunier, Benali, Traoré, d'Arcy, \
        Le Gall",
    legal_forms: "SAS, SAS, SARL, SARL, SA, EURL, SCOP",
    domains: "fr, fr, fr, com, eu",
    trades: "Conseil, Industrie, Logistique, Énergie, Santé, Bâtiment, Assurances, Informatique, \
        Cosmétiques, Aéronautique, Agroalimentaire, Transports, Ingénierie",
    phones: "+3361#######, +3362#######, +3366#######, +3367#######, +3376#######",
    cities: &[
        city("Paris", "Île-de-France", 48.8566, 2.3522, "750##"),
        city("Lyon", "Auvergne-Rhône-Alpes", 45.764, 4.8357, "6900#"),
        city("Marseille", "Provence-Alpes-Côte d'Azur", 43.2965, 5.3698, "1300#"),
        city("Toulouse", "Occitanie", 43.6047, 1.4442, "3100#"),
        city("Lille", "Hauts-de-France", 50.6292, 3.0573, "590##"),
        city("Nantes", "Pays de la Loire", 47.2184, -1.5536, "4400#"),
        city("Bordeaux", "Nouvelle-Aquitaine", 44.8378, -0.5792, "3300#"),
    ],
};

pub(super) static SPAIN: CountryText = CountryText {
    name: "Spain",
    share: 5,
    first_names: "Hugo, Lucía, Martín, Sofía, Lucas, Martina, Mateo, María, Leo, Julia, Daniel, Paula, \
        Alejandro, Valeria, Pablo, Emma, Manuel, Daniela, Álvaro, Carla, Adrián, Alba, David, \
        Sara, Antonio, Carmen, José, Ana, Francisco, Isabel, Javier, Laura, Juan, Cristina, \
        Carlos, Marta, Jesús, Pilar, Miguel, Elena, Íñigo, Nerea, Jordi, Núria, Begoña, Ramón",
    last_names: "García, Rodríguez, González, Fernández, López, Martínez, Sánchez, Pérez, Gómez, \
        Martín, Jiménez, Hernández, Ruiz, Díaz, Moreno, Muñoz, Álvarez, Romero, Gutiérrez, Alonso, \
        Navarro, Torres, Domínguez, Ramos, Vázquez, Ramírez, Gil, Serrano, Morales, Molina, \
        Blanco, Suárez, Castro, Ortega, Delgado, Ortiz, Marín, Rubio, Núñez, Medina, Sanz, \
        Castillo, Iglesias, Cortés, Garrido, Santos, Guerrero, Lozano, Cano, Cruz, Méndez, Flores, \
        Prieto, Herrera, Peña, León, Márquez, Cabrera, Gallego, Calvo, Vidal, Puig, Etxeberria, \
        Ibáñez",
    legal_forms: "S.L., S.L., S.L., S.A., S.L.U., S.Coop.",
    domains: "es, es, es, com",
    trades: "Logística, Consultores, Ingeniería, Energía, Alimentación, Construcciones, Seguros, \
        Sistemas, Transportes, Viajes, Tecnología, Bodegas",
    phones: "+3461#######, +3462#######, +3465#######, +3466#######",
    cities: &[
        city("Madrid", "Comunidad de Madrid", 40.4168, -3.7038, "280##"),
        city("Barcelona", "Cataluña", 41.3851, 2.1734, "080##"),
        city("Valencia", "Comunidad Valenciana", 39.4699, -0.3763, "460##"),
        city("Sevilla", "Andalucía", 37.3891, -5.9845, "410##"),
        city("Bilbao", "País Vasco", 43.263, -2.935, "480##"),
        city("Zaragoza", "Aragón", 41.6488, -0.8891, "500##"),
    ],
};

pub(super) static ITALY: CountryText = CountryText {
    name: "Italy",
    share: 5,
    first_names: "Leonardo, Sofia, Francesco, Giulia, Tommaso, Aurora, Edoardo, Ginevra, Alessandro, \
        Alice, Lorenzo, Beatrice, Mattia, Emma, Gabriele, Giorgia, Riccardo, Vittoria, Andrea, \
        Matilde, Giuseppe, Maria, Antonio, Anna, Giovanni, Francesca, Mario, Rosa, Luigi, Angela, \
        Marco, Chiara, Stefano, Elena, Paolo, Valentina, Davide, Silvia, Luca, Federica, Niccolò, \
        Ilaria, Salvatore, Simona",
    last_names: "Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, \
        Bruno, Gallo, Conti, De Luca, Mancini, Costa, Giordano, Rizzo, Lombardi, Moretti, \
        Barbieri, Fontana, Santoro, Mariani, Rinaldi, Caruso, Ferrara, Galli, Martini, Leone, \
        Longo, Gentile, Martinelli, Vitale, Lombardo, Serra, Coppola, De Santis, D'Angelo, \
        Marchetti, Parisi, Villa, Conte, Ferraro, Ferri, Fabbri, Bianco, Marini, Grasso, \
        Valentini, Messina, Sala, De Angelis, Gatti, Pellegrini, Palumbo, Sanna, Farina, Rizzi, \
        Monti, Cattaneo, Morelli, Amato, Silvestri, Nicolò",
    legal_forms: "S.r.l., S.r.l., S.r.l., S.p.A., S.p.A., S.n.c.",
    domains: "it, it, it, com, eu",
    trades: "Logistica, Meccanica, Moda, Alimentari, Energia, Costruzioni, Consulenza, Informatica, \
        Ceramiche, Assicurazioni, Impianti, Trasporti",
    phones: "+39320#######, +39333#######, +39338#######, +39347#######",
    cities: &[
        city("Milano", "Lombardia", 45.4642, 9.19, "201##"),
        city("Roma", "Lazio", 41.9028, 12.4964, "001##"),
        city("Torino", "Piemonte", 45.0703, 7.6869, "101##"),
        city("Bologna", "Emilia-Romagna", 44.4949, 11.3426, "401##"),
        city("Napoli", "Campania", 40.8518, 14.2681, "801##"),
        city("Verona", "Veneto", 45.4384, 10.9916, "371##"),
    ],
};
